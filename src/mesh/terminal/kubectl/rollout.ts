/**
 * Models `kubectl rollout restart|status|undo|history|pause|resume`.
 *
 * Spec: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/. Simplified:
 * `status` says how things stand and does not wait.
 */
import { kubectlWords } from '../../../kube/api/api-error.ts';
import { without } from '../../../kube/api/merge.ts';
import { timestamp } from '../../../kube/api/timestamp.ts';
import { revisionOf, TEMPLATE_HASH_LABEL } from '../../../kube/controllers/deployment.ts';
import type { KubeObject } from '../../../kube/objects/metadata.ts';
import type { Deployment, ReplicaSet, StatefulSet } from '../../../kube/objects/workload.ts';
import { flagOf, type ParsedArguments } from './arguments.ts';
import { named, select } from './resources.ts';
import { fail, type KubectlResult, type KubectlWorld } from './world.ts';

const ROLLABLE = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

export function rollout(parsed: ParsedArguments, world: KubectlWorld): KubectlResult {
  const [action, ...words] = parsed.words;
  const act = action === undefined ? undefined : ACTIONS[action];
  if (!act) fail(`error: unknown command "${action ?? ''}" for "kubectl rollout"`);
  const lines: string[] = [];
  const errors: string[] = [];
  for (const { definition, objects, errors: missing } of select(words, parsed, world)) {
    errors.push(...missing);
    if (!ROLLABLE.has(definition.id))
      fail(
        `error: ${definition.plural} "${objects[0]?.metadata.name ?? ''}" ${action} is not supported`,
      );
    for (const object of objects) {
      const said = act(object, named(definition, object.metadata.name), parsed, world);
      if (typeof said === 'string') lines.push(said);
      else errors.push(said.error);
    }
  }
  return { output: [...lines, ...errors].join('\n'), exitCode: errors.length > 0 ? 1 : 0 };
}

type Said = string | { readonly error: string };
type Act = (object: KubeObject, name: string, parsed: ParsedArguments, world: KubectlWorld) => Said;

const ACTIONS: Readonly<Record<string, Act>> = {
  restart: (object, name, _parsed, world) => {
    const annotations = {
      'kubectl.kubernetes.io/restartedAt': timestamp(world.api.simulation.now),
    };
    const patch = { spec: { template: { metadata: { annotations } } } };
    return patched(object, patch, `${name} restarted`, world);
  },
  pause: (object, name, _parsed, world) =>
    patched(object, { spec: { paused: true } }, `${name} paused`, world),
  resume: (object, name, _parsed, world) =>
    patched(object, { spec: { paused: null } }, `${name} resumed`, world),
  status: (object) => statusOf(object),
  undo: (object, name, parsed, world) => undo(object as Deployment, name, parsed, world),
  history: (object, name, _parsed, world) => {
    const rows = revisions(object, world).map((set) => `${revisionOf(set)}         <none>`);
    return [name, 'REVISION  CHANGE-CAUSE', ...rows, ''].join('\n');
  },
};

function patched(object: KubeObject, patch: unknown, said: string, world: KubectlWorld): Said {
  const { namespace = '', name } = object.metadata;
  const result = world.api.patch(object.kind, namespace, name, patch);
  return result.ok ? said : { error: kubectlWords(result.error) };
}

function revisions(object: KubeObject, world: KubectlWorld): ReplicaSet[] {
  return world.api
    .dependents(object)
    .filter((dependent): dependent is ReplicaSet => dependent.kind === 'ReplicaSet')
    .sort((a, b) => revisionOf(a) - revisionOf(b));
}

function undo(
  deployment: Deployment,
  name: string,
  parsed: ParsedArguments,
  world: KubectlWorld,
): Said {
  const sets = revisions(deployment, world);
  const wanted = Number(flagOf(parsed, 'to-revision') ?? 0);
  const target = wanted > 0 ? sets.find((set) => revisionOf(set) === wanted) : sets.at(-2);
  if (!target)
    return wanted > 0
      ? { error: `error: unable to find specified revision ${wanted} in history` }
      : { error: `error: no rollout history found for deployment "${deployment.metadata.name}"` };
  if (target === sets.at(-1))
    return `${name} skipped rollback (current template already matches revision ${wanted})`;
  const { template } = target.spec;
  const labels = without({ ...template.metadata?.labels }, TEMPLATE_HASH_LABEL);
  const restored = { ...template, metadata: { ...template.metadata, labels } };
  const next: Deployment = { ...deployment, spec: { ...deployment.spec, template: restored } };
  const result = world.api.update(next);
  return result.ok ? `${name} rolled back` : { error: kubectlWords(result.error) };
}

function statusOf(object: KubeObject): Said {
  if (object.kind === 'Deployment') return deploymentStatus(object as Deployment);
  const { spec, status, metadata } = object as StatefulSet;
  const wanted = spec.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  if (object.kind === 'StatefulSet' && ready < wanted)
    return `Waiting for ${wanted - ready} pods to be ready...`;
  return object.kind === 'StatefulSet'
    ? `partitioned roll out complete: ${wanted} new pods have been updated...`
    : `daemon set "${metadata.name}" successfully rolled out`;
}

function deploymentStatus({ metadata, spec, status }: Deployment): Said {
  const waiting = (why: string) =>
    `Waiting for deployment "${metadata.name}" rollout to finish: ${why}...`;
  const progressing = status?.conditions?.find(({ type }) => type === 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded')
    return { error: `error: deployment "${metadata.name}" exceeded its progress deadline` };
  const wanted = spec.replicas ?? 1;
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status ?? {};
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 1))
    return 'Waiting for deployment spec update to be observed...';
  if (updatedReplicas < wanted)
    return waiting(`${updatedReplicas} out of ${wanted} new replicas have been updated`);
  if (replicas > updatedReplicas)
    return waiting(`${replicas - updatedReplicas} old replicas are pending termination`);
  if (availableReplicas < updatedReplicas)
    return waiting(`${availableReplicas} of ${updatedReplicas} updated replicas are available`);
  return `deployment "${metadata.name}" successfully rolled out`;
}
