/** Models PEM: DER in base64 between lines that say what it is. Spec: RFC 7468. */

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;

export interface PemBlock {
  /** "CERTIFICATE", "PRIVATE KEY" … */
  readonly label: string;
  readonly der: Uint8Array<ArrayBuffer>;
}

export function printPem(label: string, der: Uint8Array): string {
  let binary = '';
  for (const byte of der) binary += String.fromCharCode(byte);
  const lines = btoa(binary).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** Every block in a text, in order; what is not base64 is passed over. */
export function parsePem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const [, label = '', body = ''] of text.matchAll(BLOCK)) {
    const base64 = body.replace(/\s+/g, '');
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) continue;
    blocks.push({ label, der: Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)) });
  }
  return blocks;
}
