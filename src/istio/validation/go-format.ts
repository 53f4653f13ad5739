/**
 * Values in the spelling of Go's fmt package, in which istiod writes its messages.
 * Spec: https://pkg.go.dev/fmt
 */

/** `%q` */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** `%v` of a float64: shortest digits, an exponent below 1e-4 and from 1e21. */
export function goFloat(value: number): string {
  const [mantissa = '', exponent] = value.toExponential().split('e');
  const power = Number(exponent);
  if (value === 0 || (power >= -4 && power < 21)) return plainDecimal(value);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** `%f` */
export function goFixed(value: number): string {
  return value.toFixed(6);
}

/** `%v` of a list of strings. */
export function goList(items: readonly string[] | undefined): string {
  return `[${(items ?? []).join(' ')}]`;
}

function plainDecimal(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text;
}
