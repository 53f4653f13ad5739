/** What a field is for: its type, its values, and what Istio's documentation says. */
import { describe, type Descriptions } from './descriptions.ts';
import { objectSchema, typeText } from './kind-schema.ts';
import { nodeAt, placeAt } from './schema-place.ts';

/** Markdown; "" where nothing is known. */
export function hoverAt(
  text: string,
  line: number,
  column: number,
  descriptions: Descriptions,
): string {
  const place = placeAt(text, line, column);
  const schema = objectSchema(place.apiVersion, place.kind);
  const node = schema && nodeAt(schema, place.path)?.properties?.[place.key];
  if (!node) return '';
  const full = [...place.path, place.key];
  const words = full[0] === 'spec' ? describe(descriptions, place.kind, full.slice(1)) : '';
  const heading = `**${place.key}** \`${typeText(node)}\``;
  return words === '' ? heading : `${heading}\n\n${words}`;
}
