/**
 * Whether a text is a CEL expression (access log filters of Telemetry).
 * Spec: https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax
 * Simplified: the syntax is checked, names and types are not; at most 100 levels of nesting.
 */
interface Token {
  readonly kind: 'name' | 'literal' | 'operator' | 'end' | 'wrong';
  readonly text: string;
  readonly at: number;
}

const TOKEN =
  /\s+|\/\/[^\n]*|((?:[rR]?[bB]?|[bB][rR])(?:"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))|(0[xX][0-9a-fA-F]+[uU]?|\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?|\d+[uU]?)|([A-Za-z_]\w*)|(==|!=|<=|>=|&&|\|\||[-+*/%!<>?:.,()[\]{}])/y;
const OPERATORS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];
const OPERAND =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
const DEPTH_MAX = 100;

/** What cel-go would say, or undefined for an expression. */
export function celSyntaxProblem(text: string): string | undefined {
  try {
    new CelReader(text).readWhole();
    return undefined;
  } catch (error) {
    if (!(error instanceof CelSyntaxError)) throw error;
    return shownAt(text, error);
  }
}

class CelSyntaxError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

function shownAt(text: string, { message, at }: CelSyntaxError): string {
  const before = text.slice(0, at).split('\n');
  const line = text.split('\n')[before.length - 1] ?? '';
  const column = before.at(-1)?.length ?? 0;
  return `ERROR: <input>:${before.length}:${column + 1}: Syntax error: ${message}\n | ${line}\n | ${'.'.repeat(column)}^`;
}

class CelReader {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = tokens(text);
  }

  readWhole(): void {
    this.#expression();
    if (this.#peek().kind === 'end') return;
    this.#refuse('extraneous input', "'<EOF>'");
  }

  #expression(): void {
    if (++this.#depth > DEPTH_MAX) this.#refuse('expression is nested too deeply at', OPERAND);
    this.#binary(0);
    if (this.#take('?')) {
      this.#binary(0);
      this.#expect(':');
      this.#expression();
    }
    this.#depth--;
  }

  #binary(level: number): void {
    const operators = OPERATORS[level];
    if (!operators) {
      this.#unary();
      return;
    }
    this.#binary(level + 1);
    while (operators.some((operator) => this.#take(operator))) this.#binary(level + 1);
  }

  #unary(): void {
    while (this.#take('!') || this.#take('-'));
    this.#primary();
    for (;;) {
      if (this.#take('.')) {
        if (this.#peek().kind !== 'name')
          this.#refuse('no viable alternative at input', 'IDENTIFIER');
        this.#next++;
        if (this.#take('(')) this.#list(')');
      } else if (this.#take('[')) {
        this.#expression();
        this.#expect(']');
      } else return;
    }
  }

  #primary(): void {
    const token = this.#peek();
    if (token.kind === 'literal') this.#next++;
    else if (token.kind === 'name' && token.text !== 'in') this.#nameOrCall();
    else if (this.#take('.')) this.#nameOrCall();
    else if (this.#take('(')) {
      this.#expression();
      this.#expect(')');
    } else if (this.#take('[')) this.#list(']');
    else if (this.#take('{')) this.#entries();
    else this.#refuse('mismatched input', OPERAND);
  }

  #nameOrCall(): void {
    if (this.#peek().kind !== 'name') this.#refuse('mismatched input', 'IDENTIFIER');
    this.#next++;
    if (this.#take('(')) this.#list(')');
  }

  #list(close: string): void {
    while (!this.#take(close)) {
      this.#expression();
      if (!this.#take(',')) {
        this.#expect(close);
        return;
      }
    }
  }

  #entries(): void {
    while (!this.#take('}')) {
      this.#expression();
      this.#expect(':');
      this.#expression();
      if (!this.#take(',')) {
        this.#expect('}');
        return;
      }
    }
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '<EOF>', at: 0 };
  }

  #take(text: string): boolean {
    const token = this.#peek();
    if (token.text !== text || (token.kind !== 'operator' && text !== 'in')) return false;
    this.#next++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) this.#refuse('mismatched input', `'${text}'`);
  }

  #refuse(words: string, expected: string): never {
    const token = this.#peek();
    if (token.kind === 'wrong')
      throw new CelSyntaxError(`token recognition error at: '${token.text}'`, token.at);
    throw new CelSyntaxError(`${words} '${token.text}' expecting ${expected}`, token.at);
  }
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) {
      found.push({ kind: 'wrong', text: text.charAt(at), at });
      break;
    }
    const [, quoted, numeral, name, operator] = match;
    if (quoted ?? numeral) found.push({ kind: 'literal', text: match[0], at });
    else if (name !== undefined) found.push({ kind: 'name', text: name, at });
    else if (operator !== undefined) found.push({ kind: 'operator', text: operator, at });
  }
  found.push({ kind: 'end', text: '<EOF>', at: text.length });
  return found;
}
