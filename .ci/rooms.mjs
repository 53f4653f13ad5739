// The rooms of the house and the arrows between them: which room may import from which.
// A room may always import from itself. ARCHITECTURE.md says why each arrow stands.

const ENGINE_BASE = ['sim'];
const ENGINE_OBJECTS = [...ENGINE_BASE, 'kube', 'istio', 'xds'];
const ENGINE_PLANES = [...ENGINE_OBJECTS, 'control-plane', 'ca', 'proxy'];
const ENGINE_AROUND = [...ENGINE_PLANES, 'workloads', 'faults', 'telemetry'];

/** room → rooms it may import from. */
export const ARROWS = {
  sim: [],
  kube: ENGINE_BASE,
  istio: [...ENGINE_BASE, 'kube'],
  xds: ENGINE_BASE,
  ca: ENGINE_OBJECTS,
  'control-plane': [...ENGINE_OBJECTS, 'ca'],
  proxy: ['sim', 'xds', 'ca'],
  telemetry: ENGINE_PLANES,
  workloads: [...ENGINE_PLANES, 'telemetry', 'protocol'],
  faults: [...ENGINE_PLANES, 'protocol'],
  mesh: [...ENGINE_AROUND, 'protocol'],
  goals: [...ENGINE_AROUND, 'mesh', 'protocol'],
  protocol: [],
  worker: [...ENGINE_AROUND, 'mesh', 'goals', 'protocol'],
  cli: [...ENGINE_AROUND, 'mesh', 'goals', 'protocol'],
  app: ['protocol'],
};

/** Rooms that know no DOM, timer, wall clock, platform randomness, network or async. */
export const ENGINE_ROOMS = [
  'sim',
  'kube',
  'istio',
  'xds',
  'control-plane',
  'ca',
  'proxy',
  'workloads',
  'faults',
  'telemetry',
  'mesh',
  'goals',
];

/** The room of a path relative to the project's root ("src/sim/clock.ts" → "sim"). */
export function roomOf(path) {
  return /^src\/([^/]+)\//.exec(path.replaceAll('\\', '/'))?.[1];
}

const ROOT = new URL('..', import.meta.url).pathname;

/** ESLint rule: an import that crosses a wall where no arrow stands. */
export const roomArrows = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      wall: '{{from}} may not import from {{to}}: no such arrow in .ci/rooms.mjs',
      unknown: '{{from}} is not a room: add it to .ci/rooms.mjs and ARCHITECTURE.md',
    },
  },
  create(context) {
    const file = context.filename.replace(ROOT, '');
    const from = roomOf(file);
    if (!from) return {};
    const visit = (node) => {
      const target = node.source?.value;
      if (!(from in ARROWS)) {
        context.report({ node, messageId: 'unknown', data: { from } });
        return;
      }
      if (typeof target !== 'string' || !target.startsWith('.')) return;
      const resolved = new URL(target, new URL(file, 'file:///')).pathname.slice(1);
      const to = roomOf(resolved);
      if (!to || to === from || ARROWS[from].includes(to)) return;
      context.report({ node, messageId: 'wall', data: { from, to } });
    };
    return {
      ImportDeclaration: visit,
      ExportNamedDeclaration: (node) => node.source && visit(node),
      ExportAllDeclaration: visit,
      ImportExpression: visit,
    };
  },
};
