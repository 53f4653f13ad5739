/** Reads Gherkin: the scenarios of a feature file, outlines unrolled over their examples. */

export interface Scenario {
  readonly name: string;
  /** "@sotw", "@incremental" … */
  readonly tags: readonly string[];
  /** Without Given, When, Then, And; `<words>` are filled in. */
  readonly steps: readonly string[];
}

export function parseFeature(text: string): Scenario[] {
  const scenarios: Scenario[] = [];
  let tags: string[] = [];
  let outline: { name: string; tags: string[]; steps: string[] } | undefined;
  let header: string[] | undefined;
  for (const line of text.split('\n').map((one) => one.trim())) {
    const title = /^Scenario(?: Outline)?: *(.*)$/.exec(line);
    const step = /^(?:Given|When|Then|And|But) +(.*)$/.exec(line);
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('@')) tags = line.split(/\s+/);
    else if (title) {
      outline = { name: title[1]!, tags, steps: [] };
      header = undefined;
      tags = [];
    } else if (step) outline?.steps.push(step[1]!);
    else if (line.startsWith('|') && outline) {
      const cells = line.split('|').slice(1, -1);
      const values = cells.map((cell) => cell.trim());
      if (header) scenarios.push(filled(outline, header, values));
      else header = values;
    }
  }
  return scenarios;
}

function filled(outline: Scenario, header: readonly string[], values: readonly string[]): Scenario {
  const fill = (text: string) =>
    text.replace(/<([^>]+)>/g, (whole, word: string) => values[header.indexOf(word)] ?? whole);
  return {
    name: fill(outline.name),
    tags: outline.tags,
    steps: outline.steps.map(fill),
  };
}
