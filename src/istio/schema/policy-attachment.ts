/**
 * How a policy says where it holds: a selector, or references to its targets, never both.
 * Spec: https://istio.io/latest/docs/reference/config/type/workload-selector/#PolicyTargetReference
 */
import { targetReference, targetReferences, workloadSelector } from './selector.ts';
import { atMostOne } from './validation-rule.ts';

export const attachmentFields = {
  selector: workloadSelector,
  targetRef: targetReference,
  targetRefs: targetReferences,
};

export const oneAttachment = atMostOne(
  'only one of targetRefs or selector can be set',
  'selector',
  'targetRef',
  'targetRefs',
);
