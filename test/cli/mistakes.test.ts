import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Command } from '../../src/cli/command.ts';

const COMMANDS = import.meta.glob<{ command: Command }>('../../src/cli/commands/*.ts');
const SCENE = 'scenes/first-minute';
let folder = '';
const at = (name: string) => path.join(folder, name);

function write(name: string, text: string): void {
  fs.mkdirSync(path.dirname(at(name)), { recursive: true });
  fs.writeFileSync(at(name), text);
}

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const shortened = (text: string) => text.replaceAll(`${folder}/`, '');

/** A command in this process: what it answers and writes. */
async function mesh(name: string, ...args: string[]): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    }),
  );
  try {
    const { command } = await COMMANDS[`../../src/cli/commands/${name}.ts`]!();
    const status = await command.run(args);
    return { status, ...written, stderr: shortened(written.stderr) };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** The launcher as a person calls it. */
function launch(...args: string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/mesh.mjs', ...args], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, stdout, stderr: shortened(stderr) };
}

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'meshwala-mistakes-'));
  fs.mkdirSync(at('empty'));
  write('notes/readme.md', '# no manifest');
  write('broken.yaml', 'apiVersion: v1\nkind: Service\nmetadata: {name: [\n');
  write('elephant.yaml', 'apiVersion: example.com/v1\nkind: Elephant\nmetadata: {name: jumbo}\n');
  write('bomb.yaml', bomb());
  write('big.yaml', Array.from({ length: 8300 }, (_, n) => service(n)).join('---\n'));
  write('scene-syntax/scene.yaml', 'title: [\n');
  write(
    'scene-fields/scene.yaml',
    'title: {en: T, hi-Latn: T}\nlead: {en: L, hi-Latn: L}\nseed: x\n',
  );
  write(
    'scene-file/scene.yaml',
    'title: {en: T, hi-Latn: T}\nlead: {en: L, hi-Latn: L}\nfiles: [no.yaml]\n',
  );
  write('object.json', '{"a": 1}');
  write('entries.json', '[{"timeUs": 1, "eventNumber": 1, "action": {"type": "exec"}}]');
  write('text.json', 'no JSON');
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

function service(number: number): string {
  return `apiVersion: v1\nkind: Service\nmetadata: {name: web-${number}}\nspec: {selector: {app: web}, ports: [{name: http, port: 80}]}\n`;
}

/** Nine times nine times nine …: 9^12 nodes when the aliases are followed. */
function bomb(): string {
  const levels = ['a: &a [x,x,x,x,x,x,x,x,x]'];
  for (const name of 'bcdefghijkl')
    levels.push(
      `${name}: &${name} [${Array(9)
        .fill(`*${levels.at(-1)![0]}`)
        .join(',')}]`,
    );
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\n${levels.join('\n')}\n`;
}

describe('what cannot run', () => {
  it.each([
    ['run gone', 'cannot read gone: no such file or folder'],
    ['run empty', 'cannot read empty: no *.yaml, *.yml or *.json is in it'],
    ['validate notes', 'cannot read notes: no *.yaml, *.yml or *.json is in it'],
    ['analyze gone.yaml', 'cannot read gone.yaml: no such file or folder'],
    ['xds gone.yaml --proxy a.b', 'cannot read gone.yaml: no such file or folder'],
    ['run scene-syntax', /^scene-syntax: scene\.yaml: .+$/],
    ['run scene-fields', /^scene-fields: scene\.yaml: seed: .+$/],
    ['exec scene-fields -- kubectl get pods', /^scene-fields: scene\.yaml: seed: .+$/],
    ['run scene-file', 'scene-file: scene.yaml names no.yaml, which is not in the folder'],
    [`run SCENE --log object.json`, /^object\.json is no session log: the top level: .+$/],
    [`run SCENE --log entries.json`, /^entries\.json is no session log: 0\.action\.line: .+$/],
    [`run SCENE --log text.json`, /^cannot read text\.json as JSON: .+$/],
    [`run SCENE --log gone.json`, 'cannot read gone.json: no such file or folder'],
    [`run SCENE --for 5`, '--for needs a duration such as 500ms, 60s or 10m, not "5"'],
    [`run SCENE --for=-5s`, '--for needs a duration such as 500ms, 60s or 10m, not "-5s"'],
    [`run SCENE --seed x`, '--seed needs a number, not "x"'],
    [`run SCENE --fro 5s`, 'unknown flag --fro (try: mesh run --help)'],
    [`run SCENE --for 1s --trace gone/t.json`, 'cannot write gone/t.json: no such file or folder'],
    [`exec SCENE --after 1 -- ls`, '--after needs a duration such as 500ms, 60s or 10m, not "1"'],
    [`exec SCENE`, 'exec needs a command after "--": exec SCENE -- kubectl get pods'],
    ['run', 'run needs more arguments: mesh run SCENE [--seed N] [--for 60s] [--log FILE]'],
  ])('%s: one line, status 2', async (line, wanted) => {
    const words = line.split(' ').map((word) => {
      if (word === 'SCENE') return SCENE;
      return /^(gone|empty|notes|scene-|\w+\.json)/.test(word) ? at(word) : word;
    });
    const { status, stdout, stderr } = await mesh(words[0]!, ...words.slice(1));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.trimEnd()).not.toContain('\n');
    if (typeof wanted === 'string') expect(stderr).toBe(`${wanted}\n`);
    else expect(stderr.trimEnd()).toMatch(wanted);
  });
});

it('the launcher answers a mistake with one line and status 2', () => {
  expect(launch('run', at('gone'))).toEqual({
    status: 2,
    stdout: '',
    stderr: 'cannot read gone: no such file or folder\n',
  });
});

describe('what is refused', () => {
  it.each(['broken.yaml', 'bomb.yaml'])(
    'validate answers %s with no and the line',
    async (name) => {
      const { status, stdout } = await mesh('validate', at(name));
      const [document] = JSON.parse(stdout).documents;
      expect(status).toBe(1);
      expect(document).toMatchObject({ accepted: false, stage: 'parse' });
      expect(document.ranges[0].line).toBeGreaterThan(1);
    },
  );

  it.each([
    ['broken.yaml', /^broken\.yaml: yaml: line \d+: .+$/],
    ['bomb.yaml', /^bomb\.yaml: yaml: line \d+: document contains excessive aliasing$/],
    ['elephant.yaml', /^elephant\.yaml: Elephant jumbo: no matches for kind "Elephant"/],
  ])('run and exec leave %s out, say so, and go on', async (name, wanted) => {
    const run = await mesh('run', at(name), '--for', '1s');
    expect(run.stderr.trimEnd()).toMatch(wanted);
    expect(JSON.parse(run.stdout)).toMatchObject({ virtualSeconds: 1, requests: 0 });
    const exec = await mesh('exec', at(name), '--after', '1s', '--', 'kubectl', 'get', 'pods');
    expect(exec.stderr).toBe(run.stderr);
    expect(exec.stdout).toBe('No resources found in default namespace.\n');
    expect([run.status, exec.status]).toEqual([0, 0]);
  });

  it.each(['validate', 'analyze'])('%s answers a megabyte within seconds', async (command) => {
    expect(fs.statSync(at('big.yaml')).size).toBeGreaterThan(900_000);
    const begin = performance.now();
    expect((await mesh(command, at('big.yaml'))).status).toBe(0);
    expect(performance.now() - begin).toBeLessThan(10_000);
  });
});

describe('exec', () => {
  it('answers with the status of what it ran, and runs what ";" parts', async () => {
    const wrong = await mesh('exec', SCENE, '--after', '1s', '--', 'elephant');
    expect({ ...wrong, stdout: wrong.stdout.split('\n')[0] }).toEqual({
      status: 1,
      stdout: 'elephant: command not found',
      stderr: '',
    });
    const words = ['kubectl', 'get', 'ns', 'default', '-o', 'name', ';', 'istioctl', 'version'];
    expect(launch('exec', SCENE, '--after', '1s', '--', ...words)).toEqual({
      status: 0,
      stdout: 'namespace/default\nclient version: 1.30.3\ncontrol plane version: 1.30.3\n',
      stderr: '',
    });
  });
});

describe('run', () => {
  it('replays a log and writes every event of it', async () => {
    const log = [
      { timeUs: 5_000_000, eventNumber: 0, action: { type: 'exec', line: 'kubectl get pods' } },
    ];
    write('log.json', JSON.stringify(log));
    const plain = await mesh('run', SCENE, '--for', '2s');
    const args = ['--for', '2s', '--log', at('log.json'), '--trace', at('trace.json')];
    const replay = await mesh('run', SCENE, ...args);
    expect(JSON.parse(replay.stdout).traceHash).toBe(JSON.parse(plain.stdout).traceHash);
    const lines = fs.readFileSync(at('trace.json'), 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(10);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      time: expect.any(Number),
      kind: expect.any(String),
    });
  });
});

describe('--help', () => {
  const commands = fs.readdirSync('src/cli/commands').map((file) => path.basename(file, '.ts'));
  it.each(commands.filter((name) => name !== 'help'))('of %s has an example', async (name) => {
    const { status, stdout } = await mesh(name, '--help');
    expect(status).toBe(0);
    expect(stdout).toContain(`mesh ${name}`);
    expect(stdout).toMatch(/Example:\n\n {2}.+/);
  });
});
