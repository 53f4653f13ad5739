import { describe, expect, test } from 'vitest';
import { Message } from '../../src/proxy/config/message.ts';
import { HeaderMap } from '../../src/proxy/http/header-map.ts';
import { compileRbac } from '../../src/proxy/rbac/engine.ts';
import { judge, type Subject } from '../../src/proxy/rbac/policy.ts';

const subject = (path: string): Subject => ({
  headers: HeaderMap.of([[':path', path]]),
  destination: { ip: '10.0.0.2', port: 8080 },
  directRemoteIp: '10.0.0.1',
  remoteIp: '192.0.2.1',
  serverName: '',
  tls: undefined,
  metadata: undefined,
  filterState: () => undefined,
});

const ANYBODY = { principals: [{ any: true }] };
const path = (exact: string) => ({ url_path: { path: { exact } } });
const rules = (action: string, policies: object) =>
  compileRbac(new Message({ rules: { action, policies } })).rules!;

describe('RBAC policies', () => {
  test('are tried in the order of their names', () => {
    const all = { permissions: [{ any: true }], ...ANYBODY };
    expect(judge(rules('ALLOW', { b: all, a: all }), subject('/')).policy).toBe('a');
  });

  test('a query takes no part in a path', () => {
    const deny = rules('DENY', { p: { permissions: [path('/admin')], ...ANYBODY } });
    expect(judge(deny, subject('/admin?x=1')).allowed).toBe(false);
    expect(judge(deny, subject('/admins')).allowed).toBe(true);
  });

  test('the peer and the client it speaks for are told apart', () => {
    const from = (field: string) =>
      rules('ALLOW', {
        p: {
          permissions: [{ any: true }],
          principals: [{ [field]: { address_prefix: '192.0.2.0', prefix_len: 24 } }],
        },
      });
    expect(judge(from('remote_ip'), subject('/')).allowed).toBe(true);
    expect(judge(from('direct_remote_ip'), subject('/')).allowed).toBe(false);
  });

  test('without policies ALLOW lets nobody in and DENY everybody', () => {
    expect(judge(rules('ALLOW', {}), subject('/')).allowed).toBe(false);
    expect(judge(rules('DENY', {}), subject('/')).allowed).toBe(true);
  });

  test('a condition that cannot be evaluated is refused, not taken for true', () => {
    const condition = { const_expr: { bool_value: false } };
    const policy = { permissions: [{ any: true }], ...ANYBODY, condition };
    expect(() => rules('ALLOW', { p: policy })).toThrow(
      "RBAC policy 'p': condition is a CEL expression, which is not supported",
    );
  });
});
