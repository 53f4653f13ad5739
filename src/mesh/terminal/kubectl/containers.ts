/**
 * Models `kubectl logs` and `kubectl exec`: how a pod and a container are found.
 *
 * Spec: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_logs/. Simplified: logs are
 * those kept by the mesh; nothing is followed.
 */
import { formatSelector, parseSelector } from '../../../kube/labels/selector.ts';
import type { KubeObject, LabelSelector, StringMap } from '../../../kube/objects/metadata.ts';
import { isPodReady, type Pod } from '../../../kube/objects/pod.ts';
import { flagOf, isSet, type ParsedArguments } from './arguments.ts';
import { namespaceOf, select } from './resources.ts';
import { fail, failed, printed, type KubectlResult, type KubectlWorld } from './world.ts';

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

export function logs(parsed: ParsedArguments, world: KubectlWorld): KubectlResult {
  const { words } = parsed;
  const selector = flagOf(parsed, 'selector');
  if (words.length === 0 && selector === undefined)
    fail(
      "error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' for help and examples",
    );
  const pods =
    selector === undefined
      ? [podOf(words[0]!, parsed, world)]
      : selectedPods(selector, parsed, world);
  const lines: string[] = [];
  for (const pod of pods) {
    const { container, note } = isSet(parsed, 'all-containers')
      ? { container: undefined, note: undefined }
      : containerOf(pod, flagOf(parsed, 'container') ?? words[1]);
    if (note && pods.length === 1) lines.push(note);
    const names = container ? [container] : pod.spec.containers.map(({ name }) => name);
    for (const name of names) {
      const written = linesOf(pod, name, parsed, world);
      if (typeof written === 'string') return failed(written);
      lines.push(...written);
    }
  }
  return printed(lines.join('\n'));
}

function linesOf(
  pod: Pod,
  container: string,
  parsed: ParsedArguments,
  world: KubectlWorld,
): readonly string[] | string {
  const { namespace = '', name } = pod.metadata;
  const statuses = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []),
  ];
  const waiting = statuses.find((status) => status.name === container)?.state.waiting;
  const written = world.logs({ namespace, pod: name, container });
  if (written === undefined) {
    const reason = waiting?.reason ?? 'ContainerCreating';
    return `Error from server (BadRequest): container "${container}" in pod "${name}" is waiting to start: ${reason}`;
  }
  const tail = flagOf(parsed, 'tail') ?? (flagOf(parsed, 'selector') === undefined ? '-1' : '10');
  const shown =
    Number(tail) >= 0 ? written.slice(Math.max(0, written.length - Number(tail))) : written;
  return isSet(parsed, 'prefix')
    ? shown.map((line) => `[pod/${name}/${container}] ${line}`)
    : shown;
}

export function exec(parsed: ParsedArguments, world: KubectlWorld): KubectlResult {
  const [target, ...others] = parsed.words;
  if (target === undefined) fail('error: pod, type/name or --filename must be specified');
  const command = parsed.rest ?? others;
  if (command.length === 0) fail('error: you must specify at least one command for the container');
  const pod = podOf(target, parsed, world);
  const { namespace = '', name } = pod.metadata;
  const { container, note } = containerOf(pod, flagOf(parsed, 'container'));
  const status = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []),
  ].find((candidate) => candidate.name === container);
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed')
    fail(
      `error: cannot exec into a container in a completed pod; current phase is ${pod.status.phase}`,
    );
  if (!status?.state.running)
    fail(`error: unable to upgrade connection: container not found ("${container}")`);
  return { output: note ?? '', exitCode: 0, exec: { namespace, pod: name, container, command } };
}

/** "web-1", "pod/web-1", "deploy/web", "svc/web": a pod of it, a ready one first. */
function podOf(target: string, parsed: ParsedArguments, world: KubectlWorld): Pod {
  const word = target.includes('/') ? target : `pod/${target}`;
  const [selection] = select([word], parsed, world);
  if (!selection || selection.errors.length > 0) return fail(selection?.errors[0] ?? '');
  const object = selection.objects[0]!;
  if (object.kind === 'Pod') return object as Pod;
  const selector = podSelector(object);
  if (!selector) return fail(`error: cannot attach to *v1.${object.kind}: selector is not set`);
  const pods = world.api.list<Pod>('Pod', { namespace: object.metadata.namespace ?? '', selector });
  const pod = pods.find(isPodReady) ?? pods[0];
  return (
    pod ??
    fail(`error: timed out waiting for the condition: no pods for ${formatSelector(selector)}`)
  );
}

function podSelector({ kind, spec }: KubeObject): LabelSelector | undefined {
  const selector = (spec as { selector?: unknown } | undefined)?.selector;
  if (typeof selector !== 'object' || selector === null) return undefined;
  return kind === 'Service' ? { matchLabels: selector as StringMap } : (selector as LabelSelector);
}

function selectedPods(text: string, parsed: ParsedArguments, world: KubectlWorld): Pod[] {
  const result = parseSelector(text);
  if ('error' in result) return fail(`error: ${result.error}`);
  const namespace = namespaceOf(parsed, world);
  return world.api.list<Pod>('Pod', { namespace, selector: result.selector });
}

/** The container asked for, or the pod's default one with a note that says so. */
function containerOf(
  pod: Pod,
  asked: string | undefined,
): { readonly container: string; readonly note?: string } {
  const containers = pod.spec.containers.map(({ name }) => name);
  const init = (pod.spec.initContainers ?? []).map(({ name }) => name);
  if (asked !== undefined) {
    if ([...containers, ...init].includes(asked)) return { container: asked };
    return fail(
      `error: container ${asked} is not valid for pod ${pod.metadata.name} out of: ${choices(containers, init)}`,
    );
  }
  const preferred = pod.metadata.annotations?.[DEFAULT_CONTAINER];
  if (preferred !== undefined && containers.includes(preferred)) return { container: preferred };
  const first = containers[0]!;
  if (containers.length + init.length === 1) return { container: first };
  const note = `Defaulted container "${first}" out of: ${choices(containers, init)}`;
  return { container: first, note };
}

function choices(containers: readonly string[], init: readonly string[]): string {
  return [...containers, ...init.map((name) => `${name} (init)`)].join(', ');
}
