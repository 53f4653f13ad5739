/** Numbers as people read them: grouped as in India, units beside them, no false precision. */
const grouped = new Intl.NumberFormat('en-IN', { maximumFractionDigits: 0 });

/** Requests a second: one digit after the point below 100. */
export function rate(perSecond: number): string {
  return perSecond < 99.95 ? perSecond.toFixed(1) : grouped.format(perSecond);
}

/** A share of 1 as "99.9 %": never rounds a failure away. */
export function percent(share: number): string {
  if (share > 0.999 && share < 1) return '99.9 %';
  if (share < 0.001 && share > 0) return '0.1 %';
  const value = share * 100;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} %`;
}

/** Milliseconds in the unit that needs the fewest digits. */
export function millis(ms: number): string {
  if (ms >= 9950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms >= 99.5) return `${Math.round(ms)} ms`;
  if (ms >= 0.1 || ms === 0) return `${Number(ms.toFixed(ms >= 10 ? 0 : 1))} ms`;
  return `${Math.round(ms * 1000)} µs`;
}

/** Virtual time as a station clock: "01:02.345", with hours only when there are some. */
export function clock(timeUs: number): string {
  const ms = Math.floor(timeUs / 1000);
  const pad = (value: number, width = 2) => String(value).padStart(width, '0');
  const seconds = Math.floor(ms / 1000);
  const hours = Math.floor(seconds / 3600);
  const rest = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}.${pad(ms % 1000, 3)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

export function count(value: number): string {
  return grouped.format(value);
}
