/**
 * Models the letters Kubernetes appends to generated names: no vowels, so no words, and nothing
 * that looks like something else.
 *
 * Spec: k8s.io/apimachinery/pkg/util/rand and k8s.io/kubernetes/pkg/util/hash.
 */
import { fnv1a } from '../../sim/hash.ts';
import type { RandomStream } from '../../sim/random.ts';

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Five letters by chance: the end of a pod's name. */
export function nameSuffix(stream: RandomStream): string {
  let suffix = '';
  for (let i = 0; i < 5; i++) suffix += ALPHABET[stream.below(ALPHABET.length)]!;
  return suffix;
}

/**
 * The pod-template-hash of a template: 32 bits as decimal digits, each digit's character code
 * turned into a letter. Simplified: FNV over JSON, where Kubernetes hashes Go's print of the struct.
 */
export function templateHash(template: unknown): string {
  const digits = String(fnv1a(JSON.stringify(sorted(template))));
  let text = '';
  for (const digit of digits) text += ALPHABET[digit.charCodeAt(0) % ALPHABET.length]!;
  return text;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(fields)
      .sort()
      .map((key) => [key, sorted(fields[key])]),
  );
}
