/**
 * Models the reading half of DER: a value with its tag, its content and the values inside.
 *
 * Spec: ITU-T X.690. Bytes that are not DER throw a DerError; whoever reads a person's certificate
 * catches it at the door.
 */

export class DerError extends Error {
  override readonly name = 'DerError';
}

export class DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With identifier and length: what signatures are made over. */
  readonly raw: Uint8Array;

  constructor(tag: number, content: Uint8Array, raw: Uint8Array) {
    this.tag = tag;
    this.content = content;
    this.raw = raw;
  }

  /** The values inside a constructed one. */
  children(): DerValue[] {
    const values: DerValue[] = [];
    let at = 0;
    while (at < this.content.length) {
      const value = readValue(this.content, at);
      values.push(value);
      at += value.raw.length;
    }
    return values;
  }

  /** The n-th value inside; throws when it is not there. */
  child(n: number): DerValue {
    const value = this.children()[n];
    if (!value) throw new DerError(`no element ${n}`);
    return value;
  }

  /** "1.2.840.10045.2.1" of an object identifier. */
  oid(): string {
    const [first = 0, ...rest] = this.content;
    const arcs = [Math.min(2, Math.floor(first / 40))];
    arcs.push(first - arcs[0]! * 40);
    let arc = 0;
    for (const byte of rest) {
      arc = arc * 128 + (byte & 0x7f);
      if (byte & 0x80) continue;
      arcs.push(arc);
      arc = 0;
    }
    return arcs.join('.');
  }

  /** The characters of any string type; BMPString is not read. */
  text(): string {
    return new TextDecoder().decode(this.content);
  }

  /** The bytes of a bit string; throws when some bits are unused, as in no key or signature. */
  bits(): Uint8Array {
    if (this.content[0] !== 0) throw new DerError('unused bits');
    return this.content.subarray(1);
  }

  /** Milliseconds since the Unix epoch of a UTCTime or GeneralizedTime in UTC. */
  timeMs(): number {
    const digits = this.text();
    const isUtcTime = this.tag === 0x17;
    const match = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(digits);
    if (!match || digits.length !== (isUtcTime ? 13 : 15)) throw new DerError('not a time');
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
      .slice(1)
      .map(Number);
    const century = isUtcTime ? (year < 50 ? 2000 : 1900) : 0;
    const days = daysSinceEpoch(century + year, month, day);
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000;
  }
}

/** Reads one value; anything after it is left alone. */
export function readValue(bytes: Uint8Array, at = 0): DerValue {
  const tag = bytes[at];
  let length = bytes[at + 1];
  if (tag === undefined || length === undefined) throw new DerError('cut short');
  let start = at + 2;
  if (length >= 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 4) throw new DerError('length out of range');
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + (bytes[start + i] ?? NaN);
    start += count;
  }
  const end = start + length;
  if (!(end <= bytes.length)) throw new DerError('cut short');
  return new DerValue(tag, bytes.subarray(start, end), bytes.subarray(at, end));
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

/** Howard Hinnant's days_from_civil. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
