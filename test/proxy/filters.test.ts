import { describe, expect, test } from 'vitest';
import { runScript } from '../../src/cli/proxy/run-script.ts';

const TYPE = 'type.googleapis.com/envoy.extensions.';
const ROUTER = {
  name: 'router',
  typed_config: { '@type': `${TYPE}filters.http.router.v3.Router` },
};
const ANYWHERE = [{ match: { prefix: '/' }, route: { cluster: 'c' } }];

const filter = (name: string, message: string, config: object) => ({
  name,
  typed_config: { '@type': `${TYPE}filters.http.${message}`, ...config },
});

interface Answer {
  readonly status: number;
  readonly details: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

interface Setting {
  readonly filters: readonly object[];
  readonly routes?: readonly object[];
  readonly responses?: readonly object[];
}

/** What a proxy with these filters and two backends answers to each request, one after another. */
function ask({ filters, routes = ANYWHERE, responses }: Setting, requests: readonly object[]) {
  const address = (port: number) => ({
    socket_address: { address: '127.0.0.1', port_value: port },
  });
  const manager = {
    '@type': `${TYPE}filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'in',
    route_config: { name: 'r', virtual_hosts: [{ name: 'v', domains: ['*'], routes }] },
    http_filters: [...filters, ROUTER],
  };
  const result = runScript(
    {
      static_resources: {
        listeners: [
          {
            name: 'main',
            address: address(10000),
            filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }],
          },
        ],
        clusters: [
          {
            name: 'c',
            type: 'STATIC',
            connect_timeout: '1s',
            load_assignment: {
              cluster_name: 'c',
              endpoints: [
                {
                  lb_endpoints: [20001, 20002].map((port) => ({
                    endpoint: { address: address(port) },
                  })),
                },
              ],
            },
          },
        ],
      },
    },
    {
      upstreams: [20001, 20002].map((port, i) => ({
        name: `b${i + 1}`,
        address: `127.0.0.1:${port}`,
        ...(responses ? { responses } : {}),
      })),
      steps: requests.map((request, i) => ({
        id: String(i),
        listener: '127.0.0.1:10000',
        method: 'GET',
        path: '/',
        authority: 'shop.test',
        ...request,
      })),
    } as never,
    1,
  ) as { steps: Record<string, Answer> };
  return requests.map((_, i) => result.steps[String(i)]!);
}

describe('CSRF', () => {
  const always = { default_value: { numerator: 100, denominator: 'HUNDRED' } };
  const filters = [
    filter('csrf', 'csrf.v3.CsrfPolicy', {
      filter_enabled: always,
      additional_origins: [{ suffix: '.friend.test' }],
    }),
  ];
  const post = (headers: Readonly<Record<string, string>>) => ({ method: 'POST', headers });

  test('a change must come from its own origin, or from one that is named', () => {
    const answers = ask({ filters }, [
      post({ origin: 'https://shop.test' }),
      post({ origin: 'https://a.friend.test' }),
      post({ origin: 'https://elsewhere.test' }),
      post({}),
      { method: 'GET', headers: { origin: 'https://elsewhere.test' } },
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 403, 403, 200]);
    expect(answers[2]).toMatchObject({ details: 'csrf_origin_mismatch', body: 'Invalid origin' });
  });

  test('without an origin the referer counts', () => {
    const [answer] = ask({ filters }, [post({ referer: 'https://shop.test/cart' })]);
    expect(answer!.status).toBe(200);
  });
});

test('metadata that is set is seen by the filters after it', () => {
  const gold = {
    filter: 'shop',
    path: [{ key: 'tier' }],
    value: { string_match: { exact: 'gold' } },
  };
  const set = (tier: string) =>
    filter('set_metadata', 'set_metadata.v3.Config', {
      metadata: [{ metadata_namespace: 'shop', untyped_value: { tier } }],
    });
  const rule = filter('rbac', 'rbac.v3.RBAC', {
    rules: {
      policies: { p: { permissions: [{ any: true }], principals: [{ metadata: gold }] } },
    },
  });
  expect(ask({ filters: [set('gold'), rule] }, [{}])[0]!.status).toBe(200);
  expect(ask({ filters: [set('tin'), rule] }, [{}])[0]!.status).toBe(403);
});

describe('stateful sessions', () => {
  const STATE = 'http.stateful_session.header.v3.HeaderBasedSessionState';
  const filters = [
    filter('session', 'stateful_session.v3.StatefulSession', {
      session_state: { name: 's', typed_config: { '@type': TYPE + STATE, name: 'x-session' } },
    }),
  ];
  const shown = ({ headers }: Answer) =>
    headers.find(([name]) => name === 'x-session')?.[1] ?? 'nothing';

  test('a client stays with the host it shows; a new one is told its host', () => {
    const second = 'MTI3LjAuMC4xOjIwMDAy'; // 127.0.0.1:20002
    const headers = { 'x-session': second };
    const answers = ask({ filters }, [{ headers }, { headers }, {}]);
    expect(answers.map(({ body }) => body).slice(0, 2)).toEqual(['b2', 'b2']);
    expect(answers.slice(0, 2).map(shown)).toEqual(['nothing', 'nothing']);
    expect(shown(answers[2]!)).toMatch(/^MTI3LjAuMC4xOjIwMDA[xy]$/);
  });

  test('a host that is gone is replaced', () => {
    const [answer] = ask({ filters }, [{ headers: { 'x-session': 'MTAuOS45Ljk6MQ==' } }]);
    expect(answer!.status).toBe(200);
    expect(shown(answer!)).not.toBe('nothing');
  });
});
