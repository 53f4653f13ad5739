import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/proxy/config/config-error.ts';
import { Message } from '../../src/proxy/config/message.ts';
import { HeaderMap } from '../../src/proxy/http/header-map.ts';
import { DomainIndex } from '../../src/proxy/router/domain-index.ts';
import { compileProbeTable, probeRoute } from '../../src/proxy/router/route-probe.ts';
import type { RouteTable } from '../../src/proxy/router/route-table.ts';

function table(routes: readonly object[], domains = ['*']) {
  return compileProbeTable(
    new Message({ name: 'r', virtual_hosts: [{ name: 'v', domains, routes }] }),
  );
}

function ask(routes: readonly object[], path: string, more: [string, string][] = [], random = 0) {
  return probe(table(routes), path, more, random);
}

function probe(routes: RouteTable, path: string, more: [string, string][] = [], random = 0) {
  return probeRoute(routes, {
    headers: HeaderMap.of([
      [':method', 'GET'],
      [':path', path],
      [':authority', 'shop.test'],
      [':scheme', 'http'],
      ['x-forwarded-proto', 'http'],
      ...more,
    ]),
    responseHeaders: new HeaderMap(),
    isTls: false,
    random,
    runtime: '',
    metadata: undefined,
  });
}

const to = (cluster: string) => ({ cluster });

describe('routes', () => {
  test('a longer prefix does not beat an earlier route', () => {
    const routes = [
      { match: { prefix: '/' }, route: to('first') },
      { match: { prefix: '/items/42' }, route: to('longer') },
    ];
    expect(ask(routes, '/items/42').cluster).toBe('first');
  });

  test('a prefix cuts words, a separated prefix does not', () => {
    const prefix = [{ match: { prefix: '/a' }, route: to('c') }];
    const separated = [{ match: { path_separated_prefix: '/a' }, route: to('c') }];
    expect(['/a', '/a/b', '/ab'].map((path) => ask(prefix, path).cluster)).toEqual(['c', 'c', 'c']);
    expect(['/a', '/a/b', '/ab'].map((path) => ask(separated, path).cluster)).toEqual([
      'c',
      'c',
      '',
    ]);
  });

  test('one matching value of a repeated header is enough; a missing one never matches', () => {
    const matcher = { name: 'x-a', string_match: { exact: 'two' } };
    const routes = (invert: boolean) => [
      { match: { prefix: '/', headers: [{ ...matcher, invert_match: invert }] }, route: to('c') },
    ];
    const both: [string, string][] = [
      ['x-a', 'one'],
      ['x-a', 'two'],
    ];
    expect(ask(routes(false), '/', both).cluster).toBe('c');
    expect(ask(routes(true), '/', both).cluster).toBe('');
    expect(ask(routes(true), '/').cluster).toBe('');
  });

  test('weights are intervals: 0-69 is a, 70-99 is b', () => {
    const clusters = [
      { name: 'a', weight: 70 },
      { name: 'b', weight: 30 },
    ];
    const routes = [{ match: { prefix: '/' }, route: { weighted_clusters: { clusters } } }];
    const picks = [0, 69, 70, 99, 100].map((random) => ask(routes, '/', [], random).cluster);
    expect(picks).toEqual(['a', 'a', 'b', 'b', 'a']);
  });

  test('a prefix rewrite keeps the rest and the query', () => {
    const routes = [{ match: { prefix: '/api' }, route: { cluster: 'c', prefix_rewrite: '/v1' } }];
    const { requestHeaders } = ask(routes, '/api/x?y=1');
    expect(requestHeaders.get(':path')).toBe('/v1/x?y=1');
    expect(requestHeaders.get('x-envoy-original-path')).toBe('/api/x?y=1');
  });

  test('a path with a query of its own wins over the query of the request', () => {
    const redirect = { path_redirect: '/new?a=1', strip_query: true };
    const answer = ask([{ match: { prefix: '/' }, redirect }], '/old?b=2');
    expect([answer.newUri, answer.status]).toEqual(['http://shop.test/new?a=1', 301]);
  });

  test('weights that are all zero are refused', () => {
    const clusters = [{ name: 'a', weight: 0 }];
    const routes = [{ match: { prefix: '/' }, route: { weighted_clusters: { clusters } } }];
    expect(() => table(routes)).toThrow(ConfigError);
  });
});

test('exact domain, then longest suffix, then longest prefix, then any', () => {
  const index = new DomainIndex<string>(false);
  for (const domain of ['*', 'a.b.com', '*.b.com', '*.com', 'a.*', 'a.b.*'])
    expect(index.add(domain, domain)).toBe(true);
  const found = ['a.b.com', 'x.b.com', 'x.com', 'a.b.org', 'a.org', 'z', 'A.B.COM'].map((host) =>
    index.find(host),
  );
  expect(found).toEqual(['a.b.com', '*.b.com', '*.com', 'a.b.*', 'a.*', '*', 'a.b.com']);
  expect(index.add('A.b.com', 'again')).toBe(false);
});

test('a path is rewritten in one way only', () => {
  const regex_rewrite = { pattern: { regex: 'a' }, substitution: 'b' };
  const route = { cluster: 'c', prefix_rewrite: '/a', regex_rewrite };
  expect(() => table([{ match: { prefix: '/' }, route }])).toThrow(
    'Specify only one of prefix_rewrite, regex_rewrite or path_rewrite_policy',
  );
});

describe('match trees', () => {
  const typed = (type: string, value: object) => ({
    name: 'x',
    typed_config: { '@type': `type.googleapis.com/${type}`, ...value },
  });
  const leaf = (prefix: string, cluster: string) => ({
    action: typed('envoy.config.route.v3.Route', { match: { prefix }, route: { cluster } }),
  });
  const byPath = (map: Readonly<Record<string, object>>, more: object = {}) =>
    compileProbeTable(
      new Message({
        name: 'r',
        virtual_hosts: [
          {
            name: 'v',
            domains: ['*'],
            matcher: {
              matcher_tree: {
                input: typed('envoy.type.matcher.v3.HttpRequestHeaderMatchInput', {
                  header_name: ':path',
                }),
                prefix_match_map: { map },
              },
              ...more,
            },
          },
        ],
      }),
    );

  test('the longest prefix leads, and the route at its end must match, too', () => {
    const table = byPath({ '/a': leaf('/', 'short'), '/a/b': leaf('/', 'long') });
    expect(probe(table, '/a/b/c').cluster).toBe('long');
    expect(probe(table, '/a/c').cluster).toBe('short');
    expect(probe(byPath({ '/a': leaf('/other', 'x') }), '/a').route).toBeUndefined();
  });

  test('what no key fits goes to on_no_match', () => {
    const table = byPath({ '/a': leaf('/', 'a') }, { on_no_match: leaf('/', 'rest') });
    expect(probe(table, '/z').cluster).toBe('rest');
  });
});
