/**
 * Models kube-controller-manager and kube-scheduler: everything that acts on objects by itself.
 *
 * Spec: https://kubernetes.io/docs/concepts/architecture/#control-plane-components
 */
import type { ApiServer } from '../api-server.ts';
import { MS, type Micros } from '../../sim/time.ts';
import { startDaemonSetController } from './daemon-set.ts';
import { startDeploymentController } from './deployment.ts';
import { startEndpointSliceController } from './endpoint-slice.ts';
import { startJobController } from './job.ts';
import { startNodeController } from './node.ts';
import { startReplicaSetController } from './replica-set.ts';
import { startScheduler } from './scheduler.ts';
import { startServiceAccountController } from './service-account.ts';
import { startStatefulSetController } from './stateful-set.ts';

/** Starts all controllers. `delayUs`: how long after a change a controller looks at it. */
export function startControllers(api: ApiServer, delayUs: Micros = MS): void {
  startServiceAccountController(api);
  startNodeController(api);
  startScheduler(api);
  startDeploymentController(api, delayUs);
  startReplicaSetController(api, delayUs);
  startStatefulSetController(api, delayUs);
  startDaemonSetController(api, delayUs);
  startJobController(api, delayUs);
  startEndpointSliceController(api, delayUs);
}
