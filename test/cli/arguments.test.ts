import { describe, expect, it } from 'vitest';
import { helpText, parseArguments } from '../../src/cli/arguments.ts';

const SPEC = {
  name: 'analyze',
  summary: 'What istioctl analyze says.',
  usage: 'analyze PATH…',
  example: 'mesh analyze config/',
  flags: {
    json: { kind: 'switch', help: 'answers in JSON' },
    namespace: { kind: 'value', value: 'NS', help: 'the default namespace' },
    suppress: { kind: 'list', help: 'messages to leave out' },
    seed: { kind: 'number', help: 'the seed' },
  },
  positionals: { min: 1 },
} as const;

describe('arguments', () => {
  it('keep positionals in order and read flags anywhere', () => {
    const given = parseArguments(['a', '--json', '--namespace', 'x', 'b', '--seed=7'], SPEC);
    expect(given.positionals).toEqual(['a', 'b']);
    expect(given.flags).toEqual({ json: true, namespace: 'x', suppress: [], seed: 7 });
  });

  it('gather a repeated or comma-separated list', () => {
    const given = parseArguments(['a', '--suppress', 'x,y', '--suppress=z'], SPEC);
    expect(given.flags.suppress).toEqual(['x', 'y', 'z']);
  });

  it('leave what stands after "--" alone', () => {
    const given = parseArguments(['a', '--', 'kubectl', '--json'], SPEC);
    expect(given.rest).toEqual(['kubectl', '--json']);
    expect(given.flags.json).toBe(false);
  });

  it('take "-" as standard input', () => {
    expect(parseArguments(['-'], SPEC).positionals).toEqual(['-']);
  });

  it.each([
    [['a', '--nope'], 'unknown flag --nope (try: mesh analyze --help)'],
    [['a', '-x'], 'unknown flag -x (try: mesh analyze --help)'],
    [['a', '--namespace'], '--namespace needs a value: --namespace NS'],
    [['a', '--seed', 'many'], '--seed needs a number, not "many"'],
    [['a', '--json=5'], '--json takes no value (try: mesh analyze --help)'],
    [[], 'analyze needs more arguments: mesh analyze PATH…'],
  ])('refuse %j in one line', (args, message) => {
    expect(() => parseArguments(args, SPEC)).toThrow(message);
  });

  it('are explained with an example', () => {
    const help = helpText(SPEC);
    expect(help).toMatch(/--namespace NS +the default namespace/);
    expect(help).toContain('mesh analyze config/');
  });
});
