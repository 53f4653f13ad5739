/**
 * Header values that may hold command operators: "%START_TIME%", "%DYNAMIC_METADATA([…])%".
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#custom-request-response-headers
 */
type State =
  | 'literal'
  | 'name'
  | 'expect array'
  | 'expect string'
  | 'string'
  | 'expect delimiter'
  | 'expect arguments end'
  | 'expect operator end';

const INVALID = 'invalid header configuration.';

/** Envoy's state machine, character by character; undefined when the value is well-formed. */
export function headerFormatProblem(value: string): string | undefined {
  let state: State = 'literal';
  for (let at = 0; at < value.length; at++) {
    const character = value[at];
    switch (state) {
      case 'literal':
        if (character !== '%') break;
        if (at + 1 === value.length) return `${INVALID} Un-escaped %`;
        if (value[at + 1] === '%') at++;
        else state = 'name';
        break;
      case 'name':
        if (character === '%') state = 'literal';
        else if (character === '(') state = 'expect array';
        break;
      case 'expect array':
        if (character === '[') state = 'expect string';
        else if (character !== ' ') state = 'string';
        break;
      case 'expect string':
        if (character === '"') state = 'string';
        else if (character !== ' ') return `${INVALID} Expecting '"'`;
        break;
      case 'string':
        if (character === '\\') {
          if (at + 1 === value.length) return `${INVALID} Un-terminated backslash in JSON string`;
          at++;
        } else if (character === ')') state = 'expect operator end';
        else if (character === '"') state = 'expect delimiter';
        break;
      case 'expect delimiter':
        if (character === ',') state = 'expect string';
        else if (character === ']') state = 'expect arguments end';
        else if (character !== ' ') return `${INVALID} Expecting ',', ']', or whitespace`;
        break;
      case 'expect arguments end':
        if (character === ')') state = 'expect operator end';
        else if (character !== ' ')
          return `${INVALID} Expecting ')' or whitespace after '{}', but found '{}'`;
        break;
      case 'expect operator end':
        if (character === '%') state = 'literal';
        else if (character !== ' ') return `${INVALID} Expecting '%' or whitespace after`;
        break;
    }
  }
  if (state === 'literal') return undefined;
  return `${INVALID} Un-terminated variable expression '${value}'`;
}
