/**
 * Models `envoy --mode validate`: is this a bootstrap that Envoy would start from?
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/operations/cli#cmdoption-mode. Simplified: fields
 * are known for the messages this proxy reads; inside others anything passes.
 */
import { Network } from '../../sim/network/network.ts';
import { Simulation } from '../../sim/simulation.ts';
import { Proxy } from '../proxy.ts';
import { checkConstraints, checkProgramSizes } from './constraints.ts';
import { ConfigError } from './config-error.ts';
import { checkReferences } from './references.ts';
import { checkShape } from './shape.ts';

/** What is wrong, in words near Envoy's; undefined when nothing is. */
export function checkBootstrap(bootstrap: unknown): string | undefined {
  try {
    const checked = checkShape(bootstrap);
    checkConstraints(checked);
    const simulation = new Simulation(0);
    const namespace = new Network(simulation).attach({ name: 'check', ips: ['127.0.0.1'] });
    const proxy = new Proxy({
      simulation,
      namespace,
      node: { id: 'check', cluster: 'check' },
      seedName: 'check',
      observer: { onStreamComplete: () => undefined },
    });
    const error = proxy.loadBootstrap(checked) ?? checkReferences(checked);
    if (error === undefined) checkProgramSizes(checked);
    return error;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}
