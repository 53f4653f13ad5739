/**
 * Models the Job controller: pods until enough of them have succeeded.
 *
 * Spec: https://kubernetes.io/docs/concepts/workloads/controllers/job/. Simplified: no indexed
 * completion, suspension or deadline; a failed pod is replaced at once.
 */
import type { ApiServer } from '../api-server.ts';
import { timestamp } from '../api/timestamp.ts';
import type { Condition } from '../objects/metadata.ts';
import { isPodReady, type Pod } from '../objects/pod.ts';
import type { Job, JobStatus } from '../objects/workload.ts';
import type { Micros } from '../../sim/time.ts';
import { activePods, controlled, ownerKey, podFromTemplate } from './owner.ts';
import { splitKey, WorkQueue } from './work-queue.ts';

export function startJobController(api: ApiServer, delayUs: Micros): void {
  const queue = new WorkQueue(api.simulation, delayUs, (key) => reconcile(api, key));
  api.watch('Job', ({ object }) =>
    queue.add(`${object.metadata.namespace}/${object.metadata.name}`),
  );
  api.watch('Pod', ({ object }) => {
    const owner = ownerKey(object, 'Job');
    if (owner) queue.add(owner);
  });
}

function reconcile(api: ApiServer, key: string): void {
  const { namespace, name } = splitKey(key);
  const job = api.get<Job>('Job', namespace, name);
  if (!job || job.metadata.deletionTimestamp || isFinished(job)) return;
  const pods = controlled<Pod>(api, 'Pod', job, {});
  const active = activePods(pods);
  const succeeded = pods.filter((pod) => pod.status?.phase === 'Succeeded').length;
  const failed = pods.filter((pod) => pod.status?.phase === 'Failed').length;
  const { completions = 1, parallelism = 1, backoffLimit = 6 } = job.spec;
  const hasFailed = failed > backoffLimit;
  const wanted = hasFailed ? 0 : Math.min(parallelism, completions - succeeded);
  const labels = {
    'batch.kubernetes.io/controller-uid': job.metadata.uid!,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': job.metadata.uid!,
    'job-name': name,
  };
  for (let i = active.length; i < wanted; i++)
    api.create(podFromTemplate(job, job.spec.template, { generateName: `${name}-` }, labels));
  if (hasFailed) for (const pod of active) api.delete('Pod', namespace, pod.metadata.name);
  const now = timestamp(api.simulation.now);
  const isComplete = succeeded >= completions;
  const status: JobStatus = {
    startTime: job.status?.startTime ?? now,
    active: Math.max(active.length, wanted),
    ready: active.filter(isPodReady).length,
    succeeded,
    failed,
    ...(isComplete && { completionTime: now, conditions: [finished('Complete', now)] }),
    ...(hasFailed && {
      conditions: [{ ...finished('Failed', now), reason: 'BackoffLimitExceeded' }],
    }),
  };
  api.updateStatus('Job', namespace, name, status);
}

function finished(type: 'Complete' | 'Failed', now: string): Condition {
  return { type, status: 'True', lastTransitionTime: now };
}

function isFinished(job: Job): boolean {
  return (job.status?.conditions ?? []).some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
}
