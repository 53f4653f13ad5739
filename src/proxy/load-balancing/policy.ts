/**
 * Models the choice of a load balancer by a Cluster resource: the old lb_policy with its options, or
 * the first known of load_balancing_policy.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto#envoy-v3-api-enum-config-cluster-v3-cluster-lbpolicy
 */
import {
  durationUs,
  message,
  messageOrEmpty,
  messages,
  number,
  text,
  typeName,
  type Json,
} from '../upstream/proto-json.ts';
import { GroupLoadBalancer } from './host-source.ts';
import { LeastRequest } from './least-request.ts';
import type { LoadBalancer, LoadBalancerInputs } from './load-balancer.ts';
import { RandomChoice } from './random.ts';
import { RoundRobin } from './round-robin.ts';
import { SlowStart } from './slow-start.ts';

/** What is wrong with a policy, in Envoy's words; undefined when nothing is. */
export function policyError(resource: Json): string | undefined {
  const policies = messages(messageOrEmpty(resource['load_balancing_policy'])['policies']);
  if (policies.length > 0 && !policies.some((policy) => PREFIX.test(configType(policy))))
    return `cluster: didn't find a registered load balancer factory with names from [${policies
      .map((policy) => text(messageOrEmpty(policy['typed_extension_config'])['name']))
      .join(', ')}]`;
  return undefined;
}

const PREFIX = /^envoy\.extensions\.load_balancing_policies\./;

function configType(policy: Json): string {
  return typeName(message(messageOrEmpty(policy['typed_extension_config'])['typed_config']));
}

export function createLoadBalancer(resource: Json, inputs: LoadBalancerInputs): LoadBalancer {
  return fromLbPolicy(resource, inputs);
}

function fromLbPolicy(resource: Json, inputs: LoadBalancerInputs): LoadBalancer {
  const { random, clock } = inputs;
  switch (text(resource['lb_policy'], 'ROUND_ROBIN')) {
    case 'LEAST_REQUEST': {
      const options = messageOrEmpty(resource['least_request_lb_config']);
      return new GroupLoadBalancer(
        inputs,
        new LeastRequest(random, leastRequestOptions(options), slowStartOf(options, clock)),
      );
    }
    case 'RANDOM':
      return new GroupLoadBalancer(inputs, new RandomChoice(random));
    default: {
      const options = messageOrEmpty(resource['round_robin_lb_config']);
      return new GroupLoadBalancer(inputs, new RoundRobin(random, slowStartOf(options, clock)));
    }
  }
}

function leastRequestOptions(options: Json) {
  return {
    choiceCount: number(options['choice_count'], 2),
    activeRequestBias: number(messageOrEmpty(options['active_request_bias'])['default_value'], 1),
    fullScan: text(options['selection_method']) === 'FULL_SCAN',
  };
}

function slowStartOf(options: Json, clock: { readonly now: number }): SlowStart | undefined {
  const config = message(options['slow_start_config']);
  const windowUs = durationUs(config?.['slow_start_window'], 0);
  if (!config || windowUs === 0) return undefined;
  return new SlowStart(
    {
      windowUs,
      aggression: number(messageOrEmpty(config['aggression'])['default_value'], 1),
      weightShareMin: number(config['min_weight_percent'], 10) / 100,
    },
    clock,
  );
}
