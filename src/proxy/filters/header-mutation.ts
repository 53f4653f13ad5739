/**
 * Models the header mutation filter: the mutations of a list, one after the other.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/header_mutation_filter
 */
import type { Message } from '../config/message.ts';
import type { FilterFactory, FilterStatus, HttpFilter } from '../http/http-filter.ts';
import type { HttpStream } from '../http/stream.ts';
import { compileHeaderToAdd, HeaderMutations } from '../router/header-mutation.ts';

interface Mutations {
  readonly request: readonly HeaderMutations[];
  readonly response: readonly HeaderMutations[];
}

function compileMutations(config: Message): Mutations {
  const mutations = config.messageOrEmpty('mutations');
  return {
    request: mutations.messages('request_mutations').map(compileOne),
    response: mutations.messages('response_mutations').map(compileOne),
  };
}

function compileOne(mutation: Message): HeaderMutations {
  const append = mutation.message('append');
  return append
    ? new HeaderMutations([compileHeaderToAdd(append)], [])
    : new HeaderMutations([], [mutation.text('remove').toLowerCase()]);
}

class HeaderMutation implements HttpFilter {
  readonly name: string;
  readonly #own: Mutations;

  constructor(name: string, config: Message) {
    this.name = name;
    this.#own = compileMutations(config);
  }

  decode(stream: HttpStream): FilterStatus {
    for (const one of this.#own.request) one.apply(stream.headers, stream.info);
    const route = stream.routeConfig(this.name) as Mutations | undefined;
    for (const one of route?.request ?? []) one.apply(stream.headers, stream.info);
    return 'continue';
  }

  encode(stream: HttpStream): void {
    for (const one of this.#own.response) one.apply(stream.responseHeaders!, stream.info);
    const route = stream.routeConfig(this.name) as Mutations | undefined;
    for (const one of route?.response ?? []) one.apply(stream.responseHeaders!, stream.info);
  }
}

export const headerMutation: FilterFactory = {
  types: ['envoy.extensions.filters.http.header_mutation.v3.HeaderMutation'],
  routeTypes: ['envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute'],
  create: (name, config) => new HeaderMutation(name, config),
  compileRoute: compileMutations,
};
