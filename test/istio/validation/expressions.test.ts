// Small languages inside fields: header formats, CEL, path templates, domain names, addresses.
import { describe, expect, it } from 'vitest';
import { pathTemplateProblem } from '../../../src/istio/validation/authorization-attribute.ts';
import { celSyntaxProblem } from '../../../src/istio/validation/cel-syntax.ts';
import {
  fullNameProblem,
  namespacedHostProblems,
  wildcardNameProblem,
} from '../../../src/istio/validation/domain-name.ts';
import { headerFormatProblem } from '../../../src/istio/validation/header-format.ts';
import { isCidr, isIpAddress } from '../../../src/istio/validation/ip-address.ts';

describe('CEL', () => {
  it.each([
    'response.code >= 400',
    "connection.mtls && request.url_path.contains('v1')",
    'a ? b : {"c": [1u, 2.5, .5e3]}[0]',
    "!has(request.headers['x']) || size(x) in [1, 2]",
    '// nothing but a comment\ntrue',
  ])('takes %s', (text) => {
    expect(celSyntaxProblem(text)).toBeUndefined();
  });

  it.each([')++++', '', 'a b', 'a.', "'open", 'f(', '1 +', 'a ? b'])('refuses %j', (text) => {
    expect(celSyntaxProblem(text)).toMatch(/^ERROR: <input>:1:\d+: Syntax error: /);
  });

  it('points at the place', () => {
    expect(celSyntaxProblem('response.code >= ')).toBe(
      "ERROR: <input>:1:18: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | response.code >= \n | .................^",
    );
  });
});

describe('header formats', () => {
  it.each(['', 'plain', '100%%', '%START_TIME%', '%DYNAMIC_METADATA(["a", "b"])%', '%REQ(:path)%'])(
    'take %j',
    (text) => expect(headerFormatProblem(text)).toBeUndefined(),
  );
  it.each(['%', 'abc%123', '%START_TIME%%', '%A([1])%', '%A(["x"'])('refuse %j', (text) =>
    expect(headerFormatProblem(text)).toContain('invalid header configuration.'),
  );
});

describe('names', () => {
  it('may end in a dot, and in no number', () => {
    expect(fullNameProblem('istio.io.')).toBeUndefined();
    expect(fullNameProblem('a.1')).toContain('cannot be all-numeric');
  });
  it('have a wildcard in front only', () => {
    for (const name of ['*', '*.a', '*-a.b', '*a.b'])
      expect(wildcardNameProblem(name)).toBeUndefined();
    for (const name of ['a.*', '**.a', 'http://a', ''])
      expect(wildcardNameProblem(name)).toBeDefined();
  });
  it('of a Sidecar need a namespace, of a Gateway may be an address', () => {
    expect(namespacedHostProblems('a.b', 'sidecar')).toEqual([
      'host must be of form namespace/dnsName',
    ]);
    expect(namespacedHostProblems('10.0.0.1', 'gateway')).toEqual([]);
    expect(namespacedHostProblems('~/a.b', 'gateway')).toHaveLength(1);
  });
});

describe('addresses', () => {
  it.each(['10.0.0.1', '::', '::1', '2001:db8::', '::ffff:10.0.0.1', 'fe80::1%eth0'])(
    'take %s',
    (text) => expect(isIpAddress(text)).toBe(true),
  );
  it.each(['10.0.0.256', '010.0.0.1', '1.2.3', ':', ':::', '1:2:3', '12345::', 'a', ''])(
    'refuse %s',
    (text) => expect(isIpAddress(text)).toBe(false),
  );
  it('have prefixes as long as they are', () => {
    expect(isCidr('10.0.0.0/32')).toBe(true);
    expect(isCidr('10.0.0.0/33')).toBe(false);
    expect(isCidr('::/128')).toBe(true);
    expect(isCidr('10.0.0.0/08')).toBe(false);
  });
});

describe('path templates', () => {
  it('have {**} last and nothing else in braces', () => {
    expect(pathTemplateProblem('Paths', ['/a/{*}/b', '/{*}/{**}', '/plain*'])).toBeUndefined();
    expect(pathTemplateProblem('Paths', ['/{**}/{*}'])).toContain('is not the last operator');
    expect(pathTemplateProblem('Paths', ['/{name}'])).toContain("Contains '{' or '}'");
  });
});
