const JOINED: ReadonlySet<string> = new Set([
  ...['accept', 'access-control-request-method', 'authorization', 'connection', 'content-type'],
  ...['location', 'origin', 'referer', 'server', 'te', 'user-agent', 'via', 'x-forwarded-for'],
  ...['x-forwarded-host', 'x-forwarded-proto', 'x-request-id'],
]);

/**
 * Models HTTP headers as Envoy keeps them: lower-case names, repeated names kept apart, in order.
 *
 * Two parallel arrays and linear search: a request has about ten headers, and comparing interned
 * strings is a pointer comparison, so this beats a Map and copies with two slices.
 */
export class HeaderMap {
  readonly #names: string[];
  readonly #values: string[];

  constructor(names: string[] = [], values: string[] = []) {
    this.#names = names;
    this.#values = values;
  }

  /** From pairs; names are lower-cased. */
  static of(pairs: Iterable<readonly [string, string]>): HeaderMap {
    const map = new HeaderMap();
    for (const [name, value] of pairs) map.add(name.toLowerCase(), value);
    return map;
  }

  get size(): number {
    return this.#names.length;
  }

  /** The first value, or undefined. `name` must be lower case. */
  get(name: string): string | undefined {
    const at = this.#names.indexOf(name);
    return at < 0 ? undefined : this.#values[at];
  }

  has(name: string): boolean {
    return this.#names.includes(name);
  }

  /** All values of a name, in order. */
  getAll(name: string): string[] {
    const all: string[] = [];
    for (let i = 0; i < this.#names.length; i++)
      if (this.#names[i] === name) all.push(this.#values[i]!);
    return all;
  }

  /** Does any value of a name but the first pass? */
  anyOtherValue(name: string, test: (value: string) => boolean): boolean {
    for (let i = this.#names.indexOf(name) + 1; i > 0 && i < this.#names.length; i++)
      if (this.#names[i] === name && test(this.#values[i]!)) return true;
    return false;
  }

  /** Replaces all values of a name by one (at the place of the first), or appends it. */
  set(name: string, value: string): void {
    const at = this.#names.indexOf(name);
    if (at < 0) {
      this.#names.push(name);
      this.#values.push(value);
      return;
    }
    this.#values[at] = value;
    for (let i = this.#names.length - 1; i > at; i--) if (this.#names[i] === name) this.removeAt(i);
  }

  /** Appends one more value. */
  add(name: string, value: string): void {
    this.#names.push(name);
    this.#values.push(value);
  }

  /** As `add`, but of the headers that Envoy keeps in one place each the values are joined. */
  append(name: string, value: string): void {
    const at = JOINED.has(name) ? this.#names.indexOf(name) : -1;
    if (at < 0) this.add(name, value);
    else this.#values[at] = `${this.#values[at]!},${value}`;
  }

  remove(name: string): boolean {
    let found = false;
    for (let i = this.#names.length - 1; i >= 0; i--)
      if (this.#names[i] === name) {
        this.removeAt(i);
        found = true;
      }
    return found;
  }

  hasPrefix(prefix: string): boolean {
    for (let i = 0; i < this.#names.length; i++)
      if (this.#names[i]!.startsWith(prefix)) return true;
    return false;
  }

  removePrefix(prefix: string): void {
    for (let i = this.#names.length - 1; i >= 0; i--)
      if (this.#names[i]!.startsWith(prefix)) this.removeAt(i);
  }

  copy(): HeaderMap {
    return new HeaderMap(this.#names.slice(), this.#values.slice());
  }

  *entries(): IterableIterator<[string, string]> {
    for (let i = 0; i < this.#names.length; i++) yield [this.#names[i]!, this.#values[i]!];
  }

  nameAt(index: number): string {
    return this.#names[index]!;
  }

  valueAt(index: number): string {
    return this.#values[index]!;
  }

  /** Bytes on the wire, HTTP/1 form: "name: value\r\n" each. */
  get byteSize(): number {
    let bytes = 0;
    for (let i = 0; i < this.#names.length; i++)
      bytes += this.#names[i]!.length + this.#values[i]!.length + 4;
    return bytes;
  }

  /** Takes away the header at a place. */
  removeAt(index: number): void {
    // By hand: `splice` would make a list of what it took out.
    const names = this.#names;
    const values = this.#values;
    for (let i = index + 1; i < names.length; i++) {
      names[i - 1] = names[i]!;
      values[i - 1] = values[i]!;
    }
    names.pop();
    values.pop();
  }
}
