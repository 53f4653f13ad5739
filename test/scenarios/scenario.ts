/**
 * Text scenarios: a command, "----", what it answers. Lines that begin with "#" tell the story.
 *
 * Commands:
 *   open SCENE [seed=N]       a scene's folder under scenes/
 *   run TIME                  lets virtual time pass and says what became of the requests
 *   apply FILE + text         lines that begin with "  |" are the file
 *   analyze                   what istioctl analyze says of the files in force
 *   exec LINE                 one line of the terminal
 *   fault ID KIND TARGET [size=N]      end-fault ID
 *   propagation               who has acknowledged the newest configuration
 *   pins                      what the time strip shows since the last time it was asked
 *   journey [status=N]        the newest finished request, decision by decision
 *   hash                      the trace hash is that of a fresh replay of the log
 */
import fs from 'node:fs';
import path from 'node:path';
import { analyzeFiles } from './analyze-files.ts';
import { readScene } from '../../src/mesh/scene.ts';
import { Session } from '../../src/mesh/session.ts';
import type { FaultKind, SceneFile } from '../../src/protocol/scene.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const UNITS: Readonly<Record<string, number>> = { ms: 1_000, s: 1_000_000, m: 60_000_000 };

interface Block {
  readonly story: string[];
  readonly command: string[];
}

/** Runs a scenario's commands and writes the same text with what they answer now. */
export function replayScenario(text: string): string {
  const world = new ScenarioWorld();
  return parse(text)
    .map(({ story, command }) => {
      const answer = command.length === 0 ? undefined : world.answer(command);
      const parts = [...story, ...command];
      if (answer !== undefined) parts.push('----', ...(answer === '' ? [] : answer.split('\n')));
      return parts.join('\n');
    })
    .join('\n\n')
    .concat('\n');
}

function parse(text: string): Block[] {
  return text
    .trim()
    .split(/\n{2,}/)
    .map((chunk) => {
      const lines = chunk.split('\n');
      const end = lines.indexOf('----');
      const head = end < 0 ? lines : lines.slice(0, end);
      return {
        story: head.filter((line) => line.startsWith('#')),
        command: head.filter((line) => !line.startsWith('#')),
      };
    });
}

class ScenarioWorld {
  #session: Session | undefined = undefined;
  #files: SceneFile[] = [];
  #flags = new Map<string, number>();

  answer(lines: readonly string[]): string {
    const [verb = '', ...words] = (lines[0] ?? '').split(' ');
    const rest = words.join(' ');
    switch (verb) {
      case 'open':
        return this.#open(words);
      case 'run':
        return this.#run(rest);
      case 'apply':
        return this.#apply(rest, lines.slice(1));
      case 'analyze':
        return analyzeFiles(this.#files);
      case 'exec':
        return this.#live.act({ type: 'exec', line: rest }).output.trimEnd();
      case 'fault':
        return this.#fault(words);
      case 'end-fault':
        this.#live.act({ type: 'end-fault', id: rest });
        return 'ended';
      case 'propagation':
        return this.#propagation();
      case 'pins':
        return this.#pins();
      case 'journey':
        return this.#journey(rest);
      case 'hash':
        return this.#sameHash();
      default:
        throw new Error(`a scenario knows no command "${verb}"`);
    }
  }

  get #live(): Session {
    if (!this.#session) throw new Error('a scenario begins with "open SCENE"');
    return this.#session;
  }

  #open([name = '', seed]: readonly string[]): string {
    const folder = path.join(ROOT, 'scenes', name);
    const texts = fs
      .readdirSync(folder)
      .sort()
      .map((file) => ({ path: file, text: fs.readFileSync(path.join(folder, file), 'utf8') }));
    const { scene, problems } = readScene(name, texts);
    if (!scene) throw new Error(problems.join('; '));
    this.#files = [...scene.platform, ...scene.files];
    this.#session = new Session(scene, seed ? Number(seed.slice('seed='.length)) : scene.seed);
    this.#flags = new Map();
    const { mesh } = this.#session;
    const topology = mesh.topology();
    const { acked } = mesh.propagation();
    const problemsText = mesh.startProblems.map((line) => `\nrefused: ${line}`).join('');
    return `${topology.pods.length} pods, ${acked.length} proxies in sync${problemsText}`;
  }

  #run(time: string): string {
    const [, number = '0', unit = 's'] = /^([\d.]+)(ms|s|m)$/.exec(time) ?? [];
    const session = this.#live;
    const { simulation, traffic } = session.mesh;
    session.advance(simulation.now + Math.round(Number(number) * UNITS[unit]!));
    const now = new Map<string, number>();
    for (const [flag, count] of traffic.tally.byOutcome) now.set(flag, count);
    const lines = [...now]
      .map(([outcome, count]): [string, number] => [
        outcome,
        count - (this.#flags.get(outcome) ?? 0),
      ])
      .filter(([, count]) => count > 0)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([outcome, count]) => `${outcome}: ${count}`);
    this.#flags = now;
    return lines.length === 0 ? 'no requests' : lines.join('\n');
  }

  #apply(file: string, lines: readonly string[]): string {
    const text = lines.map((line) => `${line.replace(/^ {2}\| ?/, '')}\n`).join('');
    this.#files = [...this.#files.filter((one) => one.path !== file), { path: file, text }];
    const { documents } = this.#live.act({ type: 'apply', files: [{ path: file, text }] });
    return documents
      .flatMap(({ kind, namespace, name, outcome, errors, warnings }) => [
        `${kind} ${namespace}/${name} ${outcome}`,
        ...errors.map((error) => `  error: ${error}`),
        ...warnings.map((warning) => `  warning: ${warning}`),
      ])
      .join('\n');
  }

  #fault([id = '', kind = '', ...words]: readonly string[]): string {
    const size = words.find((word) => word.startsWith('size='));
    const target = words.filter((word) => word !== size).join(' ');
    const { output, failed } = this.#live.act({
      type: 'fault',
      id,
      fault: {
        kind: kind as FaultKind,
        target,
        ...(size && { size: Number(size.slice('size='.length)) }),
      },
    });
    return failed ? `refused: ${output}` : 'in force';
  }

  #propagation(): string {
    const { acked, nacked, waiting } = this.#live.mesh.propagation();
    return [
      `acknowledged: ${acked.length}`,
      ...nacked.map(({ pod, message }) => `refused by ${pod}: ${message}`),
      ...waiting.map((pod) => `waiting for ${pod}`),
    ].join('\n');
  }

  #pins(): string {
    return this.#live.mesh
      .takePins()
      .map(({ kind, details }) => {
        const words = Object.entries(details)
          .filter(([key]) => key !== 'untilUs')
          .map(([key, value]) => `${key}=${value}`);
        return [kind, ...words].join(' ');
      })
      .join('\n');
  }

  #journey(condition: string): string {
    const status = /status=(\d+)/.exec(condition)?.[1];
    const { mesh } = this.#live;
    const record = mesh.traffic.book.newest(
      ({ end }) => end !== undefined && (status === undefined || end.status === Number(status)),
    );
    const journey = record && mesh.journey(record.start.requestId);
    if (!journey) return 'no such request';
    const steps = journey.steps.map(({ at, code, resource, yaml }) =>
      [
        `${at}: ${code}`,
        resource && `${resource.type} ${resource.name}`,
        yaml && `(${yaml.path}:${yaml.line})`,
      ]
        .filter(Boolean)
        .join(' '),
    );
    const flags = journey.flags.length === 0 ? '-' : journey.flags.join(',');
    return [...steps, `${journey.status} ${flags} ${journey.responseDetails}`].join('\n');
  }

  #sameHash(): string {
    const { scene, seed, log, mesh } = this.#live;
    const again = new Session(scene, seed, log);
    const travel = again.goTo(mesh.simulation.now);
    while (!travel.next().done);
    const isSame = again.mesh.simulation.trace.hash === mesh.simulation.trace.hash;
    return isSame ? 'the same' : 'different';
  }
}
