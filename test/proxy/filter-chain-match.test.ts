import { expect, test } from 'vitest';
import { Message } from '../../src/proxy/config/message.ts';
import {
  chooseChain,
  compileChainMatch,
  type ConnectionFacts,
} from '../../src/proxy/listener/filter-chain-match.ts';

const chain = (name: string, match: object) => ({
  name,
  match: compileChainMatch(new Message(match)),
});

const FACTS: ConnectionFacts = {
  destination: { ip: '10.0.0.2', port: 9080 },
  source: { ip: '10.0.0.1', port: 40000 },
  directSource: { ip: '10.0.0.1', port: 40000 },
  serverName: 'www.alpha.test',
  transportProtocol: 'tls',
  applicationProtocols: ['istio', 'h2'],
};

function chosen(chains: ReturnType<typeof chain>[], facts: Partial<ConnectionFacts> = {}) {
  return chooseChain(chains, { ...FACTS, ...facts })?.name;
}

test('a chain for the port wins, and its misfit is not made good by one without a port', () => {
  const chains = [
    chain('any', { transport_protocol: 'tls' }),
    chain('port', { destination_port: 9080, transport_protocol: 'raw_buffer' }),
  ];
  expect(chosen(chains)).toBeUndefined();
  expect(chosen(chains, { destination: { ip: '10.0.0.2', port: 1 } })).toBe('any');
});

test('the exact server name, then the longest wildcard, then none', () => {
  const chains = [
    chain('none', {}),
    chain('short', { server_names: ['*.test'] }),
    chain('long', { server_names: ['*.alpha.test'] }),
    chain('exact', { server_names: ['www.alpha.test'] }),
  ];
  const names = ['www.alpha.test', 'x.alpha.test', 'beta.test', 'other'];
  expect(names.map((serverName) => chosen(chains, { serverName }))).toEqual([
    'exact',
    'long',
    'short',
    'none',
  ]);
});

test('the client’s first protocol that some chain wants decides', () => {
  const chains = [
    chain('h2', { application_protocols: ['h2'] }),
    chain('istio', { application_protocols: ['istio', 'istio-h2'] }),
    chain('other', {}),
  ];
  expect(chosen(chains)).toBe('istio');
  expect(chosen(chains, { applicationProtocols: ['h2', 'istio'] })).toBe('h2');
  expect(chosen(chains, { applicationProtocols: ['spdy'] })).toBe('other');
});

test('the narrower source range wins', () => {
  const range = (address_prefix: string, prefix_len: number) => ({
    source_prefix_ranges: [{ address_prefix, prefix_len }],
  });
  const chains = [chain('wide', range('10.0.0.0', 8)), chain('narrow', range('10.0.0.0', 24))];
  expect(chosen(chains)).toBe('narrow');
  expect(chosen(chains, { source: { ip: '10.9.0.1', port: 1 } })).toBe('wide');
});
