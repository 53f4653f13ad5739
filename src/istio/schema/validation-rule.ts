/**
 * Rules of the CRDs (`x-kubernetes-validations`): each CEL text as a function, with its message.
 * Spec: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
export interface ValidationRule {
  /** The CEL text in the CRD, which a test holds against the CRDs themselves. */
  readonly rule: string;
  readonly message: string;
  /** True when the rule holds; a text says why CEL could not evaluate it. */
  readonly holds: (self: never) => boolean | EvaluationError;
}

/** CEL stopped: the reason, as Kubernetes prints it before "evaluating rule". */
export class EvaluationError {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

export function rule<Self>(
  text: string,
  message: string,
  holds: (self: Self) => boolean | EvaluationError,
): ValidationRule {
  return { rule: text, message, holds: holds as ValidationRule['holds'] };
}

type Fields = Readonly<Record<string, unknown>>;

/** "At most one of these fields is set", which CRDs spell as a sum. */
export function atMostOne(message: string, ...names: readonly string[]): ValidationRule {
  const sum = names.map((name) => `(has(self.${name}) ? 1 : 0)`).join(' + ');
  return rule<Fields>(
    `${sum} <= 1`,
    message,
    (self) => names.filter((name) => self[name] !== undefined).length <= 1,
  );
}
