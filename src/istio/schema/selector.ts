/**
 * Selectors and references by which objects say what they are about.
 * Spec: https://istio.io/latest/docs/reference/config/type/workload-selector/
 */
import { list, map, object, text } from './schema-node.ts';
import { rule } from './validation-rule.ts';

const LABEL_LENGTH_MAX = 63;

/** `labels` of networking.istio.io. */
export const networkingWorkloadSelector = object({
  labels: map(
    text({
      lengthMax: LABEL_LENGTH_MAX,
      rules: [
        rule<string>(
          '!self.contains("*")',
          'wildcard is not supported in selector',
          (self) => !self.includes('*'),
        ),
      ],
    }),
    { propertiesMax: 256 },
  ),
});

/** `matchLabels` of the other groups. */
export const workloadSelector = object({
  matchLabels: map(
    text({
      lengthMax: LABEL_LENGTH_MAX,
      rules: [
        rule<string>(
          '!self.contains("*")',
          'wildcard not allowed in label value match',
          (self) => !self.includes('*'),
        ),
      ],
    }),
    {
      propertiesMax: 4096,
      rules: [
        rule<object>(
          'self.all(key, !key.contains("*"))',
          'wildcard not allowed in label key match',
          (self) => Object.keys(self).every((key) => !key.includes('*')),
        ),
        rule<object>('self.all(key, key.size() != 0)', 'key must not be empty', (self) =>
          Object.keys(self).every((key) => key !== ''),
        ),
      ],
    },
  ),
});

export const targetReference = object(
  {
    group: text({
      lengthMax: 253,
      pattern: '^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
    }),
    kind: text({
      lengthMin: 1,
      lengthMax: 63,
      pattern: '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$',
    }),
    name: text({ lengthMin: 1, lengthMax: 253 }),
    namespace: text({
      rules: [
        rule<string>(
          'self.size() == 0',
          'cross namespace referencing is not currently supported',
          (self) => self === '',
        ),
      ],
    }),
  },
  { required: ['kind', 'name'] },
);

export const targetReferences = list(targetReference, { itemsMax: 16 });
