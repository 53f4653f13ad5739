/**
 * Telemetry's structural schema.
 * Spec: https://istio.io/latest/docs/reference/config/telemetry/
 */
import { duration } from './duration.ts';
import { attachmentFields, oneAttachment } from './policy-attachment.ts';
import {
  choice,
  list,
  map,
  nullableBoolean,
  number,
  object,
  oneOf,
  string,
  text,
} from './schema-node.ts';
import { EvaluationError, rule } from './validation-rule.ts';

const nonEmpty = text({ lengthMin: 1 });
const mode = oneOf('CLIENT_AND_SERVER', 'CLIENT', 'SERVER');
const providers = list(object({ name: nonEmpty }, { required: ['name'] }));

interface TagOverride {
  readonly operation?: string;
  readonly value?: string;
}

const tagOverride = object(
  { operation: oneOf('UPSERT', 'REMOVE'), value: string },
  {
    rules: [
      rule<TagOverride>(
        '((has(self.operation) ? self.operation : "") == "UPSERT") ? (self.value != "") : true',
        'value must be set when operation is UPSERT',
        (self) => {
          if (self.operation !== 'UPSERT') return true;
          return self.value === undefined
            ? new EvaluationError('no such key: value')
            : self.value !== '';
        },
      ),
      rule<TagOverride>(
        '((has(self.operation) ? self.operation : "") == "REMOVE") ? !has(self.value) : true',
        'value must not be set when operation is REMOVE',
        (self) => self.operation !== 'REMOVE' || self.value === undefined,
      ),
    ],
  },
);

const metric = oneOf(
  'ALL_METRICS',
  'REQUEST_COUNT',
  'REQUEST_DURATION',
  'REQUEST_SIZE',
  'RESPONSE_SIZE',
  'TCP_OPENED_CONNECTIONS',
  'TCP_CLOSED_CONNECTIONS',
  'TCP_SENT_BYTES',
  'TCP_RECEIVED_BYTES',
  'GRPC_REQUEST_MESSAGES',
  'GRPC_RESPONSE_MESSAGES',
);

const metrics = object({
  overrides: list(
    object({
      disabled: nullableBoolean,
      match: object(
        { customMetric: nonEmpty, metric, mode },
        { exclusive: [['metric', 'customMetric']] },
      ),
      tagOverrides: map(tagOverride),
    }),
  ),
  providers,
  reportingInterval: duration,
});

const namedTag = object({ defaultValue: string, name: nonEmpty }, { required: ['name'] });
const valueTag = object({ value: nonEmpty }, { required: ['value'] });

const tracing = object({
  customTags: map(
    choice({ literal: valueTag, environment: namedTag, header: namedTag, formatter: valueTag }),
  ),
  disableContextPropagation: nullableBoolean,
  disableSpanReporting: nullableBoolean,
  enableIstioTags: nullableBoolean,
  match: object({ mode }),
  providers,
  randomSamplingPercentage: number({ minimum: 0, maximum: 100, nullable: true }),
  useRequestIdForTraceSampling: nullableBoolean,
});

const accessLogging = object({
  disabled: nullableBoolean,
  filter: object({ expression: string }),
  match: object({ mode }),
  providers,
});

export const telemetry = object(
  {
    ...attachmentFields,
    accessLogging: list(accessLogging),
    metrics: list(metrics),
    tracing: list(tracing),
  },
  { rules: [oneAttachment] },
);
