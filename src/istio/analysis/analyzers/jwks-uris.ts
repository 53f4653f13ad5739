/**
 * istiod fetches keys from anywhere unless it is told which addresses are off limits.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0175/
 */
import type { Analyzer } from '../context.ts';
import { containersOf, templateOf } from '../mesh-membership.ts';

const SETTING = 'BLOCKED_CIDRS_IN_JWKS_URIS';
const NAMES_SHOWN_MAX = 5;

export const blockedCidrsAnalyzer: Analyzer = {
  name: 'authn.BlockedCIDRsAnalyzer',
  run(context) {
    const names = context.all('RequestAuthentication').map(({ fullName }) => fullName);
    if (names.length === 0) return;
    const more = names.length - NAMES_SHOWN_MAX;
    const shown = names.slice(0, NAMES_SHOWN_MAX).join(', ');
    for (const deployment of context.all('Deployment')) {
      if (deployment.labels['app'] !== 'istiod') continue;
      const { containers } = templateOf(deployment).spec;
      const isSet = containersOf({ containers }).some(({ env = [] }) =>
        env.some(({ name, value }) => name === SETTING && value),
      );
      if (isSet) continue;
      const words = [names.length, more > 0 ? `${shown}, and ${more} more` : shown];
      context.report('JwksUriFetchUnrestricted', deployment, words);
    }
  },
};
