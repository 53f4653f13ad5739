/** Models the words in which go-yaml, and so kubectl, says what is wrong with a YAML text. */

const WORDS = new Map<string, string>([
  ['bad indentation of a mapping entry', 'mapping values are not allowed in this context'],
  ['tab characters must not be used in indentation', 'found character that cannot start any token'],
  ["expected ':' after a mapping key", "could not find expected ':'"],
  [
    'unexpected end of the stream within a flow collection',
    "did not find expected ',' or ']' or '}'",
  ],
  ['unexpected end of the stream within a double quoted scalar', 'found unexpected end of stream'],
  ['unexpected end of the stream within a single quoted scalar', 'found unexpected end of stream'],
  ['missed comma between flow collection entries', "did not find expected ',' or ']' or '}'"],
  ['bad indentation of a sequence entry', 'mapping values are not allowed in this context'],
  ['deficient indentation', "did not find expected ',' or ']' or '}'"],
]);

/** go-yaml's words for js-yaml's reason; the reason itself where go-yaml has no one sentence. */
export function goYamlWords(reason: string): string {
  return WORDS.get(reason) ?? reason;
}
