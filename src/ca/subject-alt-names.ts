/** Models the names in a certificate that peers are checked against. Spec: RFC 5280, 4.2.1.6. */
import type { DerValue } from './der-reader.ts';
import { OID } from './object-identifiers.ts';

export interface SubjectAltNames {
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ips: readonly string[];
  readonly emails: readonly string[];
}

export const NO_NAMES: SubjectAltNames = { uris: [], dnsNames: [], ips: [], emails: [] };

/** The names that an Extension carries; none when it is another extension. */
export function namesOf(extension: DerValue): SubjectAltNames {
  const parts = extension.children();
  if (parts[0]?.oid() !== OID.subjectAltName) return NO_NAMES;
  const names = parts.at(-1)!.child(0).children();
  const ofTag = (tag: number) => names.filter((name) => name.tag === tag);
  return {
    emails: ofTag(0x81).map((name) => name.text()),
    dnsNames: ofTag(0x82).map((name) => name.text()),
    uris: ofTag(0x86).map((name) => name.text()),
    ips: ofTag(0x87).map((name) => ipText(name.content)),
  };
}

function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: string[] = [];
  for (let i = 0; i + 1 < bytes.length; i += 2)
    groups.push(((bytes[i]! << 8) | bytes[i + 1]!).toString(16));
  return groups
    .join(':')
    .replace(/\b0(?::0)+\b/, ':')
    .replace(/:{3,}/, '::');
}
