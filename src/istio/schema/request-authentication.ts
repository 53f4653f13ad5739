/**
 * RequestAuthentication's structural schema.
 * Spec: https://istio.io/latest/docs/reference/config/security/request_authentication/
 */
import { duration } from './duration.ts';
import { attachmentFields, oneAttachment } from './policy-attachment.ts';
import { boolean, list, object, string, text } from './schema-node.ts';
import { urlScheme } from './url.ts';
import { atMostOne, EvaluationError, rule } from './validation-rule.ts';

const nonEmpty = text({ lengthMin: 1 });
const nonEmptyStrings = list(nonEmpty);

const jwksUri = text({
  lengthMin: 1,
  lengthMax: 2048,
  rules: [
    rule<string>(
      'url(self).getScheme() in ["http", "https"]',
      'url must have scheme http:// or https://',
      (self) => {
        const scheme = urlScheme(self);
        if (scheme !== undefined) return ['http', 'https'].includes(scheme);
        return new EvaluationError(
          `URL parse error during conversion from string: parse "${self}": invalid URI for request`,
        );
      },
    ),
  ],
});

const jwtRule = object(
  {
    audiences: nonEmptyStrings,
    forwardOriginalToken: boolean,
    fromCookies: nonEmptyStrings,
    fromHeaders: list(object({ name: nonEmpty, prefix: string }, { required: ['name'] })),
    fromParams: nonEmptyStrings,
    issuer: nonEmpty,
    jwks: string,
    jwks_uri: jwksUri,
    jwksUri,
    outputClaimToHeaders: list(
      object(
        { claim: nonEmpty, header: text({ lengthMin: 1, pattern: '^[-_A-Za-z0-9]+$' }) },
        { required: ['header', 'claim'] },
      ),
    ),
    outputPayloadToHeader: string,
    spaceDelimitedClaims: list(nonEmpty, { itemsMax: 64 }),
    timeout: duration,
  },
  {
    rules: [atMostOne('only one of jwks or jwksUri can be set', 'jwksUri', 'jwks_uri', 'jwks')],
  },
);

export const requestAuthentication = object(
  { ...attachmentFields, jwtRules: list(jwtRule, { itemsMax: 4096 }) },
  { rules: [oneAttachment] },
);
