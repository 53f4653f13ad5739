// npm test: everything CI runs, in the order of what fails fastest. Prints one line a step and, at
// the very end, "N passed, N failed" over all of them.
//   npm test -- --only unit,types     only these steps
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureChromium } from './browser.mjs';
import { endWith, ensureInstalled, ROOT } from './ensure-installed.mjs';

ensureInstalled();
const CHECK = path.join(
  path.dirname(path.resolve(ROOT, process.env.CONFORMANCE_DIR ?? '../shared/conformance')),
  'check/check.mjs',
);
const FLOOR = 'test/conformance/floor.json';
const reports = fs.mkdtempSync(path.join(os.tmpdir(), 'meshwala-test-'));

/** Each step says how many of its checks passed and failed; a step without counts is one check. */
const STEPS = [
  {
    name: 'types',
    command: ['npx', 'svelte-check', '--tsconfig', './tsconfig.json', '--output', 'human'],
  },
  { name: 'lint', command: ['npx', 'eslint', '.', '--max-warnings', '0'] },
  { name: 'format', command: ['npx', 'prettier', '--check', '--log-level', 'warn', '.'] },
  {
    name: 'unit',
    command: [
      'npx',
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reports}/unit.json`,
    ],
    counts: () => vitestCounts(`${reports}/unit.json`),
  },
  { name: 'build', command: ['node', 'scripts/build.mjs', '--quiet'] },
  {
    name: 'conformance',
    when: () => fs.existsSync(CHECK) || 'the shared cases are absent: skipped',
    command: ['node', CHECK, '--floor', FLOOR, '--json'],
    quiet: true,
    counts: (output) => conformanceCounts(output),
  },
  {
    name: 'end-to-end',
    prepare: async () => {
      const chromium = await ensureChromium();
      return chromium ? { CHROMIUM_PATH: chromium } : 'no Chromium could be found or installed';
    },
    command: ['npx', 'playwright', 'test', '--reporter=line,json'],
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: `${reports}/e2e.json` },
    counts: () => playwrightCounts(`${reports}/e2e.json`),
  },
];

const wanted = readOnly(process.argv.slice(2));
let passed = 0;
let failed = 0;
for (const step of STEPS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const result = await runStep(step);
  passed += result.passed;
  failed += result.failed;
}
fs.rmSync(reports, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function runStep(step) {
  const reason = step.when?.();
  if (typeof reason === 'string') return say(step, 0, { passed: 0, failed: 0 }, reason);
  const prepared = await step.prepare?.();
  if (typeof prepared === 'string') return say(step, 0, { passed: 0, failed: 1 }, prepared);
  const start = Date.now();
  const { status, output } = await run(step, { ...step.env, ...prepared });
  const seconds = (Date.now() - start) / 1000;
  const counts = readCounts(step, output) ?? { passed: status === 0 ? 1 : 0, failed: 0 };
  // a step that ended badly has failed, whatever it counted
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  return say(step, seconds, counts);
}

function readCounts(step, output) {
  try {
    return step.counts?.(output);
  } catch (error) {
    console.error(`${step.name}: its report could not be read: ${error.message}`);
    return { passed: 0, failed: 1 };
  }
}

function say(step, seconds, counts, remark = '') {
  const verdict = `${counts.passed} passed, ${counts.failed} failed`;
  console.log(`[${step.name}] ${remark || verdict} (${seconds.toFixed(0)} s)`);
  return counts;
}

function run(step, env) {
  return new Promise((resolve) => {
    const [program, ...args] = step.command;
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...process.env, FORCE_COLOR: '0', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (!step.quiet) process.stdout.write(chunk);
    });
    child.on('error', (error) => resolve({ status: 1, output: error.message }));
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
  });
}

function vitestCounts(file) {
  const report = JSON.parse(fs.readFileSync(file, 'utf8'));
  return { passed: report.numPassedTests, failed: report.numFailedTests };
}

/** A set at or above its floor is one passed check; below it one failed. */
function conformanceCounts(output) {
  const floor = fs.existsSync(path.join(ROOT, FLOOR))
    ? JSON.parse(fs.readFileSync(path.join(ROOT, FLOOR), 'utf8'))
    : {};
  const report = JSON.parse(output);
  const sets = (report.sets ?? report.results ?? []).filter((set) => !set.absent);
  let below = 0;
  for (const set of sets) {
    const name = set.set ?? set.name;
    const isBelow = set.passed < (floor[name] ?? 0);
    if (isBelow) below += 1;
    console.log(
      `  ${name}: ${set.passed} of ${set.total}${isBelow ? `, below its floor ${floor[name]}` : ''}`,
    );
  }
  return { passed: sets.length - below, failed: below };
}

function playwrightCounts(file) {
  const { stats } = JSON.parse(fs.readFileSync(file, 'utf8'));
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected };
}

function readOnly(args) {
  if (args.length === 0) return [];
  const names = STEPS.map(({ name }) => name).join(', ');
  const value = args[0] === '--only' ? args[1] : args[0].replace(/^--only=/, '');
  const only = (value ?? '').split(',');
  if (!args[0].startsWith('--only') || only.some((name) => !names.split(', ').includes(name)))
    endWith(`npm test knows only "-- --only STEP,STEP" with the steps ${names}.`);
  return only;
}
