/**
 * Header names that mean a claim of the request's JWT: "@request.auth.claims.group".
 * Spec: https://istio.io/latest/docs/tasks/security/authentication/jwt-route/
 */
const PREFIX = '@request.auth.claims';

/** The path to the claim, or undefined for an ordinary header. */
export function routingClaim(headerName: string): readonly string[] | undefined {
  if (!headerName.toLowerCase().startsWith(PREFIX)) return undefined;
  const name = headerName.slice(PREFIX.length);
  if (name.startsWith('.') && name.length > 1) return name.slice(1).split('.');
  if (name.startsWith('[') && name.endsWith(']') && name.length > 2)
    return name.slice(1, -1).split('][');
  return undefined;
}
