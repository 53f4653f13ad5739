import fs from 'node:fs';
import path from 'node:path';
import { loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { readScene } from '../../src/mesh/scene.ts';
import { isKnownImage } from '../../src/workloads/registry.ts';

const SCENES = path.resolve('scenes');

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly containers?: readonly Container[]; readonly template?: PodTemplate };
}
interface Container {
  readonly image: string;
}
interface PodTemplate {
  readonly spec: { readonly containers: readonly Container[] };
}

describe.each(fs.readdirSync(SCENES))('scene %s', (id) => {
  const folder = path.join(SCENES, id);
  const files = fs
    .readdirSync(folder)
    .map((name) => ({ path: name, text: fs.readFileSync(path.join(folder, name), 'utf8') }));
  const { scene, problems } = readScene(id, files);

  test('can be read and says something in both languages', () => {
    expect(problems).toEqual([]);
    for (const text of [scene!.title, scene!.lead])
      expect([text['hi-Latn'], text.en].every((words) => words.length > 0)).toBe(true);
  });

  test('runs images that are known here', () => {
    const manifests = [...scene!.platform, ...scene!.files].flatMap(
      ({ text }) => loadAll(text) as Manifest[],
    );
    const containers = manifests.flatMap(
      ({ spec }) => spec?.template?.spec.containers ?? spec?.containers ?? [],
    );
    expect(containers.length).toBeGreaterThan(0);
    for (const { image } of containers) expect([image, isKnownImage(image)]).toEqual([image, true]);
  });
});
