/**
 * Models a pod that brings its own container named istio-proxy: its fields win over the template's.
 *
 * Spec: https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#customizing-injection
 */
import type { Container } from '../objects/pod.ts';

/** The image that means "whatever the injector uses". */
const AUTO_IMAGE = 'auto';

/** Lists that are merged by name (ports by number) instead of replaced. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  env: 'name',
  ports: 'containerPort',
  volumeMounts: 'mountPath',
};

export function applyOverride(template: Container, own: Container): Container {
  const merged: Record<string, unknown> = { ...template };
  for (const [field, value] of Object.entries(own)) {
    const key = MERGE_KEYS[field];
    if (field === 'image' && value === AUTO_IMAGE) continue;
    if (key) merged[field] = mergeBy(key, (merged[field] ?? []) as Item[], value as Item[]);
    else if (isMapping(value)) merged[field] = { ...(merged[field] as object), ...value };
    else merged[field] = value;
  }
  return merged as unknown as Container;
}

type Item = Readonly<Record<string, unknown>>;

/** The template's items in their order, changed where the pod has its own, then the pod's others. */
function mergeBy(key: string, template: readonly Item[], own: readonly Item[]): Item[] {
  const changed = template.map((item) => ({
    ...item,
    ...own.find((other) => other[key] === item[key]),
  }));
  const added = own.filter((item) => !template.some((other) => other[key] === item[key]));
  return [...changed, ...added];
}

/** Fields of a container in the order in which Go prints them. */
const FIELD_ORDER = [
  'name',
  'image',
  'command',
  'args',
  'workingDir',
  'ports',
  'envFrom',
  'env',
  'resources',
];

/** The annotation in which the injector remembers what the pod had asked for. */
export function overrideText(own: Container): string {
  const fields = own as unknown as Readonly<Record<string, unknown>>;
  const kept: Record<string, unknown> = {};
  for (const field of [...FIELD_ORDER, ...Object.keys(fields).sort()]) {
    if (field === 'image' && fields[field] === AUTO_IMAGE) continue;
    if (field === 'resources') kept[field] = fields[field] ?? {};
    else if (fields[field] !== undefined) kept[field] = fields[field];
  }
  return JSON.stringify({ containers: [kept] });
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
