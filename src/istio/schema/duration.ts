/**
 * Durations: a string with a rule that it is at least a millisecond.
 * Spec: https://istio.io/latest/docs/reference/config/
 */
import { durationNanoseconds } from '../kinds/duration.ts';
import { text } from './schema-node.ts';
import { EvaluationError, rule } from './validation-rule.ts';

const NANOSECONDS_PER_MS = 1e6;

export const duration = text({
  rules: [
    rule<string>(
      "duration(self) >= duration('1ms')",
      'must be a valid duration greater than 1ms',
      (self) => {
        const nanoseconds = durationNanoseconds(self);
        if (nanoseconds !== undefined) return nanoseconds >= NANOSECONDS_PER_MS;
        return new EvaluationError(
          "type conversion error from 'string' to 'google.protobuf.Duration'",
        );
      },
    ),
  ],
});
