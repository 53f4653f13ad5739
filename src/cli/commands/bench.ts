/** `mesh bench [NAME…]`: the speed figures, each the median of five runs. */
import { defineCommand } from '../command.ts';
import { CommandFailure } from '../failure.ts';
import { measured, type Figure, type FigureResult } from '../bench/figure.ts';
import { FIGURES } from '../bench/figures.ts';
import { thisMachine, type Machine } from '../bench/machine.ts';
import { printAnswer, printNote, tableText } from '../output.ts';

export const command = defineCommand(
  {
    name: 'bench',
    summary: 'Measures the speed figures: the median of five runs, with the least and the most.',
    usage: 'bench [NAME…] [--json]',
    example: 'mesh bench kernel-events',
    flags: { json: { kind: 'switch', help: 'answers in JSON, also on a terminal' } },
  },
  async ({ positionals, flags }) => {
    const figures: FigureResult[] = [];
    for (const figure of chosen(positionals)) {
      printNote(`measuring ${figure.name} …`);
      figures.push(await measured(figure));
    }
    const machine = thisMachine();
    printAnswer({ machine, figures }, { ...flags, table: () => tableOf(machine, figures) });
    return 0;
  },
);

function chosen(names: readonly string[]): readonly Figure[] {
  if (names.length === 0) return FIGURES;
  return names.map((name) => {
    const figure = FIGURES.find((one) => one.name === name);
    if (figure) return figure;
    const known = FIGURES.map((one) => one.name).join(', ');
    throw new CommandFailure(`there is no figure "${name}" (there are: ${known})`);
  });
}

function tableOf({ cpu, cores, node }: Machine, figures: readonly FigureResult[]): string {
  const number = (value: number) => value.toLocaleString('en');
  const rows = figures.map(({ name, value, min, max, unit }) => [
    name,
    number(value),
    number(min),
    number(max),
    unit,
  ]);
  const table = tableText(['FIGURE', 'MEDIAN', 'MIN', 'MAX', 'UNIT'], rows);
  return `${table}\n${cores} × ${cpu}, Node ${node}\n`;
}
