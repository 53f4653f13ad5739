/** `mesh route-check CONFIG TESTS`: Envoy's router_check_tool. */
import { load } from 'js-yaml';
import { ConfigError } from '../../proxy/config/config-error.ts';
import { Message } from '../../proxy/config/message.ts';
import { compileProbeTable } from '../../proxy/router/route-probe.ts';
import type { RouteTable } from '../../proxy/router/route-table.ts';
import { defineCommand } from '../command.ts';
import { CommandFailure } from '../failure.ts';
import { readJson, readText } from '../input.ts';
import { printAnswer, printJson, tableText } from '../output.ts';
import { runRouteCases, type RouteCases } from '../proxy/route-cases.ts';
import { runRouteTest, type RouteTest, type TestResult } from '../proxy/route-tests.ts';

export const command = defineCommand(
  {
    name: 'route-check',
    summary:
      "Checks a route configuration against expectations, as Envoy's router_check_tool does.",
    usage: 'route-check CONFIG TESTS | route-check --cases FILE',
    example: 'mesh route-check routes.yaml tests.json',
    flags: {
      json: { kind: 'switch', help: 'answers in JSON, also on a terminal' },
      cases: {
        kind: 'value',
        value: 'FILE',
        help: 'a JSON array of configurations with requests; answers what each request gets',
      },
    },
    positionals: { max: 2 },
  },
  ({ positionals, flags }) => {
    if (flags.cases !== undefined) {
      printJson((readJson(flags.cases) as RouteCases[]).map(caseAnswer));
      return 0;
    }
    const [config, tests] = positionals;
    if (config === undefined || tests === undefined)
      throw new CommandFailure('route-check needs a configuration and tests: CONFIG TESTS');
    const table = tableOf(config);
    const document = load(readText(tests)) as { tests?: RouteTest[] } | null;
    const results = (document?.tests ?? []).map((test) => runRouteTest(table, test));
    printAnswer({ tests: results }, { ...flags, table: () => tableFor(results) });
    return results.every(({ passed }) => passed) ? 0 : 1;
  },
);

function caseAnswer(group: RouteCases): object {
  try {
    return runRouteCases(group);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { test: group.test, error: `internal: ${text}` };
  }
}

function tableOf(file: string): RouteTable {
  try {
    return compileProbeTable(new Message(load(readText(file))));
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandFailure(`${file}: ${error.message}`);
    throw error;
  }
}

function tableFor(results: readonly TestResult[]): string {
  const rows = results.map(({ name, passed, failures }) => [
    name,
    passed ? 'passed' : 'failed',
    failures
      .map(({ field, expected, actual }) => `${field}: ${text(expected)} != ${text(actual)}`)
      .join('; '),
  ]);
  return tableText(['TEST', 'RESULT', 'DIFFERENCES'], rows);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
