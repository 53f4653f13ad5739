/**
 * Unix domain sockets as addresses: "unix:///var/run/app.sock", "unix://@abstract".
 * Spec: https://istio.io/latest/docs/reference/config/networking/sidecar/ (`bind`)
 */
const PREFIX = 'unix://';

export function isUnixSocket(address: string): boolean {
  return address.startsWith(PREFIX);
}

export function unixSocketProblem(address: string): string | undefined {
  const path = address.slice(PREFIX.length);
  if (path === '') return 'unix address must not be empty';
  if (path.startsWith('@') || (path.startsWith('/') && !path.endsWith('/'))) return undefined;
  return `${path} is not an absolute path to a file`;
}
