/**
 * User 1337 is the proxy's: traffic of applications that run as it is not redirected.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0144/
 */
import type { ValuePath } from '../../../kube/yaml/documents.ts';
import type { Analyzer } from '../context.ts';
import { isControlPlane, podSpec, PROXY_CONTAINER, templateOf } from '../mesh-membership.ts';
import type { PodSpec } from '../mesh-membership.ts';

const PROXY_USER = 1337;
const EXEMPT = [PROXY_CONTAINER, 'istio-operator'];

export const applicationUidAnalyzer: Analyzer = {
  name: 'deployment.ApplicationUIDAnalyzer',
  run(context) {
    for (const pod of context.all('Pod')) {
      if (isControlPlane(pod)) continue;
      for (const path of usesOfProxyUser(podSpec(pod), ['spec']))
        context.report('InvalidApplicationUID', pod, [], path);
    }
    for (const deployment of context.all('Deployment')) {
      if (isControlPlane(deployment)) continue;
      const path = ['spec', 'template', 'spec'];
      for (const use of usesOfProxyUser(templateOf(deployment).spec, path))
        context.report('InvalidApplicationUID', deployment, [], use);
    }
  },
};

/** The first place is enough: istioctl says it once an object. */
function usesOfProxyUser(spec: PodSpec, path: ValuePath): ValuePath[] {
  const uses: ValuePath[] = [];
  if (spec.securityContext?.runAsUser === PROXY_USER)
    uses.push([...path, 'securityContext', 'runAsUser']);
  spec.containers?.forEach(({ name, securityContext }, index) => {
    if (EXEMPT.includes(name) || securityContext?.runAsUser !== PROXY_USER) return;
    uses.push([...path, 'containers', index, 'securityContext', 'runAsUser']);
  });
  return uses.slice(0, 1);
}
