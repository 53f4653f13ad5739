/**
 * Selectors by labels, and how Kubernetes prints them: "app=reviews,version=v1".
 * Spec: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
import type { StringMap } from '../../kube/objects/metadata.ts';

/** An empty selector selects everything. */
export function selects(selector: StringMap | undefined, labels: StringMap): boolean {
  for (const key in selector) if (labels[key] !== selector[key]) return false;
  return true;
}

export function selectorText(selector: StringMap | undefined): string {
  return Object.entries(selector ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}

/** The first label in the selector's text, by which istioctl points at it. */
export function firstLabel(selector: StringMap | undefined): string | undefined {
  return Object.keys(selector ?? {}).sort()[0];
}

export interface LabelSelector {
  readonly matchLabels?: StringMap;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** A selector with expressions; an absent one selects everything. */
export function selectsByExpression(
  selector: LabelSelector | undefined,
  labels: StringMap,
): boolean {
  if (!selector) return true;
  if (!selects(selector.matchLabels, labels)) return false;
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key];
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });
}
