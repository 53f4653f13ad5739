/**
 * Certificates in secrets: present, readable, and valid at the time.
 * Spec: https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5
 * Simplified: the dates are read and nothing else; whether key and certificate fit is not checked.
 */
const KEY_PAIRS = [
  ['cert', 'key'],
  ['tls.crt', 'tls.key'],
] as const;
const SEQUENCE = 0x30;
const VERSION = 0xa0;
const UTC_TIME = 0x17;

export function isUsableCertificate(
  secret: ReadonlyMap<string, string>,
  nowMs: number | undefined,
): boolean {
  const pair = KEY_PAIRS.find((keys) => keys.every((key) => secret.get(key)));
  if (!pair) return false;
  const text = secret.get(pair[0]) ?? '';
  const pem = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/.exec(text);
  const base64 = pem?.[1]?.replaceAll(/\s/g, '') ?? '';
  if (base64 === '' || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+=*$/.test(base64)) return false;
  const validity = readValidity(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)));
  if (!validity) return false;
  return nowMs === undefined || (validity.fromMs <= nowMs && nowMs <= validity.toMs);
}

interface Validity {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Element {
  readonly tag: number;
  readonly bytes: Uint8Array;
}

/** Certificate → tbsCertificate → [version] serial signature issuer validity. */
function readValidity(der: Uint8Array): Validity | undefined {
  const certificate = elements(der)[0];
  if (certificate?.tag !== SEQUENCE) return undefined;
  const body = elements(certificate.bytes)[0];
  if (body?.tag !== SEQUENCE) return undefined;
  const fields = elements(body.bytes);
  const validity = fields[fields[0]?.tag === VERSION ? 4 : 3];
  if (validity?.tag !== SEQUENCE) return undefined;
  const [fromMs, toMs] = elements(validity.bytes).map(timeMs);
  return fromMs !== undefined && toMs !== undefined ? { fromMs, toMs } : undefined;
}

/** UTCTime has two digits for the year, GeneralizedTime four. */
function timeMs({ tag, bytes }: Element): number {
  const text = String.fromCharCode(...bytes);
  const century = tag !== UTC_TIME ? '' : Number(text.slice(0, 2)) < 50 ? '20' : '19';
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(century + text);
  const [year = 0, month = 1, day = 1, ...clock] = (parts?.slice(1) ?? []).map(Number);
  const [hours = 0, minutes = 0, seconds = 0] = clock;
  const days = daysSinceEpoch(year, month, day);
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

/** Days from 1970-01-01 in the Gregorian calendar; years begin in March, so leap days come last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const fromMarch = (month + 9) % 12;
  const years = month > 2 ? year : year - 1;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  const dayOfYear = Math.floor((153 * fromMarch + 2) / 5) + day - 1;
  return years * 365 + leapDays + dayOfYear - 719_468;
}

/** The DER elements side by side in `der`; stops at what is cut short. */
function elements(der: Uint8Array): Element[] {
  const found: Element[] = [];
  let at = 0;
  while (at + 2 <= der.length) {
    const tag = der[at] ?? 0;
    let length = der[at + 1] ?? 0;
    at += 2;
    if (length & 0x80) {
      const size = length & 0x7f;
      length = der.slice(at, at + size).reduce((value, byte) => value * 256 + byte, 0);
      at += size;
    }
    if (at + length > der.length) break;
    found.push({ tag, bytes: der.slice(at, at + length) });
    at += length;
  }
  return found;
}
