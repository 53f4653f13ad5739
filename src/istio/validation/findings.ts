/** What is wrong with a resource: errors, warnings, and where each stands in the object. */
import type { ValuePath } from '../../kube/yaml/documents.ts';

export interface Finding {
  readonly message: string;
  /** From the object's root: ["spec", "http", 0, "timeout"]. */
  readonly path: ValuePath;
  /** Set where `istioctl analyze` reports the warning under a code of its own. */
  readonly analysis?: {
    readonly name: 'VirtualServiceUnreachableRule' | 'VirtualServiceIneffectiveMatch';
    readonly parameters: readonly string[];
  };
}

export class Findings {
  readonly errors: Finding[] = [];
  readonly warnings: Finding[] = [];

  error(path: ValuePath, message: string): void {
    this.errors.push({ message, path });
  }

  warn(path: ValuePath, message: string, analysis?: Finding['analysis']): void {
    this.warnings.push(analysis ? { message, path, analysis } : { message, path });
  }

  /** For the parts of a resource whose warnings istiod drops. */
  withoutWarnings(check: () => void): void {
    const before = this.warnings.length;
    check();
    this.warnings.length = before;
  }

  /** An error for a text, nothing for undefined: the shape in which small checks answer. */
  check(path: ValuePath, message: string | undefined): void {
    if (message !== undefined) this.error(path, message);
  }
}

/**
 * Walks a list whose items may be null (a hand-written object can say so): null items are reported
 * as `nullMessage`, or passed over without one.
 */
export function eachItem<Item>(
  items: readonly Item[] | undefined | null,
  path: ValuePath,
  findings: Findings,
  nullMessage: string | undefined,
  visit: (item: NonNullable<Item>, path: ValuePath, index: number) => void,
): void {
  items?.forEach((item, index) => {
    const itemPath = [...path, index];
    if (item !== null && item !== undefined) visit(item, itemPath, index);
    else findings.check(itemPath, nullMessage);
  });
}

/** Walks a map in the order in which it is written. */
export function eachEntry<Value>(
  map: Readonly<Record<string, Value>> | undefined | null,
  path: ValuePath,
  visit: (value: Value, path: ValuePath, key: string) => void,
): void {
  if (map) for (const key of Object.keys(map)) visit(map[key] as Value, [...path, key], key);
}
