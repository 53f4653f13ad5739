/**
 * Models a scene as it lies in a folder: scene.yaml and the manifests it names, or manifests alone.
 *
 * Reads nothing itself: whoever has the files (the command line, the build, a dropped folder) gives
 * them as texts.
 */
import { load } from 'js-yaml';
import * as v from 'valibot';
import type { LoadSource, Scene, SceneFile } from '../protocol/scene.ts';

const texts = v.strictObject({ 'hi-Latn': v.string(), en: v.string() });
const headers = v.record(v.string(), v.string());
const positive = v.pipe(v.number(), v.gtValue(0));

export const loadSource = v.strictObject({
  id: v.string(),
  from: v.string(),
  url: v.pipe(v.string(), v.url()),
  method: v.optional(v.string()),
  headers: v.optional(headers),
  body: v.optional(v.string()),
  model: v.variant('kind', [
    v.strictObject({
      kind: v.literal('open'),
      ratePerSecond: v.pipe(v.number(), v.minValue(0)),
      arrivals: v.picklist(['poisson', 'constant']),
    }),
    v.strictObject({
      kind: v.literal('closed'),
      connections: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)),
      thinkMs: v.pipe(v.number(), v.minValue(0)),
    }),
  ]),
  variants: v.optional(
    v.array(
      v.strictObject({ percent: v.pipe(v.number(), v.minValue(0), v.maxValue(100)), headers }),
    ),
  ),
  timeoutMs: v.optional(positive),
});

export const faultRequest = v.strictObject({
  kind: v.picklist([
    'kill-pod',
    'slow-pod',
    'error-rate',
    'cut-link',
    'partition-zone',
    'lose-istiod',
  ]),
  target: v.string(),
  size: v.optional(v.number()),
  forMs: v.optional(positive),
});

const sceneFile = v.strictObject({
  title: texts,
  lead: texts,
  seed: v.optional(v.pipe(v.number(), v.integer()), 1),
  load: v.optional(v.array(loadSource), []),
  events: v.optional(
    v.array(
      v.strictObject({
        atMs: v.pipe(v.number(), v.minValue(0)),
        exec: v.optional(v.string()),
        fault: v.optional(faultRequest),
      }),
    ),
    [],
  ),
  /** Paths in the folder: applications, not shown in the editor. */
  platform: v.optional(v.array(v.string()), []),
  /** Paths in the folder: what the learner edits. Default: every other manifest. */
  files: v.optional(v.array(v.string())),
});

export interface SceneReading {
  readonly scene: Scene | undefined;
  /** What is wrong: file, place and remedy in one line each. */
  readonly problems: readonly string[];
}

/** Puts a scene together. Without scene.yaml every file is a manifest of the editor. */
export function readScene(id: string, files: readonly SceneFile[]): SceneReading {
  const description = files.find(({ path }) => path === 'scene.yaml');
  const manifests = files.filter((file) => file !== description && isManifest(file.path));
  if (!description) return { scene: bareScene(id, manifests), problems: [] };
  let raw: unknown;
  try {
    raw = load(description.text);
  } catch (error) {
    return { scene: undefined, problems: [`scene.yaml: ${firstLine(error)}`] };
  }
  const parsed = v.safeParse(sceneFile, raw);
  if (!parsed.success)
    return {
      scene: undefined,
      problems: parsed.issues.map(
        (issue) => `scene.yaml: ${v.getDotPath(issue) ?? '(top level)'}: ${issue.message}`,
      ),
    };
  const { platform, files: shown, ...rest } = parsed.output;
  const isNamed = (path: string) => manifests.some((file) => file.path === path);
  const missing = [...platform, ...(shown ?? [])].filter((path) => !isNamed(path));
  if (missing.length > 0)
    return {
      scene: undefined,
      problems: missing.map((path) => `scene.yaml names ${path}, which is not in the folder`),
    };
  const pick = (paths: readonly string[]) =>
    paths.flatMap((path) => manifests.filter((file) => file.path === path));
  const scene: Scene = {
    id,
    title: rest.title,
    lead: rest.lead,
    seed: rest.seed,
    load: rest.load as readonly LoadSource[],
    events: rest.events as Scene['events'],
    platform: pick(platform),
    files: shown ? pick(shown) : manifests.filter(({ path }) => !platform.includes(path)),
  };
  return { scene, problems: [] };
}

function bareScene(id: string, files: readonly SceneFile[]): Scene {
  const nameless = { 'hi-Latn': id, en: id };
  return {
    id,
    title: nameless,
    lead: { 'hi-Latn': '', en: '' },
    seed: 1,
    platform: [],
    files,
    load: [],
    events: [],
  };
}

function isManifest(path: string): boolean {
  return /\.(ya?ml|json)$/.test(path);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
