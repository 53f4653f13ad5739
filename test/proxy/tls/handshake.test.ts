import { beforeAll, describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../../../src/ca/certificate-authority.ts';
import { newKeyPair } from '../../../src/ca/key-pair.ts';
import { createSigningRequest } from '../../../src/ca/signing-request.ts';
import { Message } from '../../../src/proxy/config/message.ts';
import { HeaderMap } from '../../../src/proxy/http/header-map.ts';
import type { DownstreamTls } from '../../../src/proxy/stream-info.ts';
import {
  inspectTls,
  ServerTlsContext,
  type ServerHandshake,
} from '../../../src/proxy/tls/server-tls.ts';
import { RandomStream } from '../../../src/sim/random.ts';
import { EPOCH_MS } from '../../../src/sim/time.ts';
import { assignment, Bench } from '../upstream/bench.ts';

const DAY_MS = 86_400_000;
const random = new RandomStream(1, 'tls test');

function authority(): CertificateAuthority {
  return new CertificateAuthority(random, {
    trustDomain: 'cluster.local',
    createdAtMs: EPOCH_MS - DAY_MS,
  });
}

function chainOf(ca: CertificateAuthority, account: string, lifetimeMs = DAY_MS): string {
  const id = `spiffe://cluster.local/ns/shop/sa/${account}`;
  const request = createSigningRequest(newKeyPair(random), id);
  return ca.sign(request, id, EPOCH_MS, lifetimeMs)!;
}

function inline(pem: string) {
  return { inline_string: pem };
}

interface Side {
  chain?: string;
  roots?: string;
  names?: object[];
  alpn?: string[];
  version?: string;
  required?: boolean;
}

function common({ chain, roots, names, alpn, version }: Side) {
  return {
    tls_certificates: chain ? [{ certificate_chain: inline(chain), private_key: inline('-') }] : [],
    validation_context: {
      ...(roots ? { trusted_ca: inline(roots) } : {}),
      match_typed_subject_alt_names: names ?? [],
    },
    alpn_protocols: alpn ?? [],
    tls_params: version ? { tls_maximum_protocol_version: version } : {},
  };
}

function clusterWith(client: Side, more: object = {}) {
  return {
    name: 'c',
    load_assignment: assignment('c', 1, 443),
    transport_socket: {
      name: 'tls',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
        common_tls_context: common(client),
        sni: 'server.shop',
      },
    },
    ...more,
  };
}

/** A TLS server on 10.0.1.1:443 that answers 200. */
function serve(bench: Bench, server: Side) {
  const seen = { tls: [] as DownstreamTls[], failures: [] as string[], hellos: [] as unknown[] };
  const context = new ServerTlsContext(
    new Message({
      common_tls_context: common(server),
      require_client_certificate: server.required ?? false,
    }),
    { simulation: bench.simulation, stats: bench.stats, secrets: bench.clusters.secrets },
    'listener.in.',
  );
  const namespace = bench.network.attach({ name: 'b1.test', ips: ['10.0.1.1'] });
  namespace.listen(443, () => {
    let handshake: ServerHandshake | undefined;
    return {
      onConnected: () => undefined,
      onConnectFailed: () => undefined,
      onClosed: (end) => end.close(),
      onMessage: (end, message) => {
        if (!handshake) {
          seen.hellos.push(inspectTls(message));
          handshake = context.accept(end, message, {
            onTlsReady: (tls) => seen.tls.push(tls),
            onTlsFailed: (reason) => seen.failures.push(reason),
          });
          return;
        }
        if (!handshake.isDone) return handshake.onMessage(message);
        if (message.type !== 'request') return;
        const { version, stream, requestId } = message as never;
        const headers = HeaderMap.of([[':status', '200']]);
        const answer = {
          type: 'response',
          version,
          stream,
          headers,
          body: '',
          endStream: true,
          requestId,
        };
        end.write(answer as never);
      },
    };
  });
  return seen;
}

describe('a TLS handshake', () => {
  let ca: CertificateAuthority;
  let stranger: CertificateAuthority;
  let server: string;
  let client: string;

  beforeAll(() => {
    ca = authority();
    stranger = authority();
    server = chainOf(ca, 'server');
    client = chainOf(ca, 'client');
  });

  it('tells each side who the other is', () => {
    const bench = new Bench();
    const seen = serve(bench, {
      chain: server,
      roots: ca.rootPem,
      required: true,
      alpn: ['h2', 'http/1.1'],
    });
    bench.clusters.setClusters([
      clusterWith({ chain: client, roots: ca.rootPem, version: 'TLSv1_3' }),
    ]);
    const attempt = bench.call('c');
    expect(attempt.status).toBe(200);
    expect(attempt.info).toMatchObject({
      isTls: true,
      peerIdentity: 'spiffe://cluster.local/ns/shop/sa/server',
      requestedServerName: 'server.shop',
    });
    expect(seen.tls[0]).toMatchObject({
      version: 'TLSv1.3',
      sni: 'server.shop',
      alpn: 'http/1.1',
      peerPresented: true,
      peerUriSans: ['spiffe://cluster.local/ns/shop/sa/client'],
      localUriSans: ['spiffe://cluster.local/ns/shop/sa/server'],
    });
    expect(seen.hellos[0]).toMatchObject({ transportProtocol: 'tls', serverName: 'server.shop' });
    expect(bench.stat('listener.in.ssl.handshake')).toBe(1);
    expect(bench.stat('cluster.c.ssl.handshake')).toBe(1);
  });

  it('fails for a server of another root, and says so', () => {
    const bench = new Bench();
    const seen = serve(bench, { chain: server });
    bench.clusters.setClusters([clusterWith({ chain: client, roots: stranger.rootPem })]);
    const attempt = bench.call('c');
    expect(attempt.failure).toBe('remote connection failure');
    // Both roots bear the same name (O=cluster.local), so the signature is what does not fit.
    expect(attempt.transportFailure).toMatch(
      /^TLS_error:\|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: X509_verify_cert: certificate verification error at depth 0: .*:TLS_error_end$/,
    );
    expect(seen.failures[0]).toMatch(/ALERT/);
    expect(bench.stat('cluster.c.ssl.fail_verify_error')).toBe(1);
    expect(bench.stat('listener.in.ssl.connection_error')).toBe(1);
  });

  it('fails for a server with another name than expected', () => {
    const bench = new Bench();
    serve(bench, { chain: server });
    const names = [
      { san_type: 'URI', matcher: { exact: 'spiffe://cluster.local/ns/shop/sa/other' } },
    ];
    bench.clusters.setClusters([clusterWith({ roots: ca.rootPem, names })]);
    expect(bench.call('c').transportFailure).toBe(
      'TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify cert failed: ' +
        'SAN matcher, certificate SANs are [spiffe://cluster.local/ns/shop/sa/server]:TLS_error_end',
    );
    expect(bench.stat('cluster.c.ssl.fail_verify_san')).toBe(1);
  });

  it('fails once the certificate has expired', () => {
    const bench = new Bench();
    serve(bench, { chain: chainOf(ca, 'server', 60_000) });
    bench.clusters.setClusters([
      clusterWith({ roots: ca.rootPem }, { max_requests_per_connection: 1 }),
    ]);
    expect(bench.call('c').status).toBe(200);
    bench.run(60_000);
    expect(bench.call('c').transportFailure).toContain('certificate has expired');
  });

  it.each([
    ['TLSv1_2', 'remote connection failure', ''],
    ['TLSv1_3', '', 'connection termination'],
  ])('with %s tells a client without a certificate in its own way', (version, failure, reset) => {
    const bench = new Bench();
    const seen = serve(bench, { chain: server, roots: ca.rootPem, required: true });
    bench.clusters.setClusters([clusterWith({ roots: ca.rootPem, version })]);
    const attempt = bench.call('c');
    expect([attempt.failure, attempt.reset]).toEqual([failure, reset]);
    if (failure)
      expect(attempt.transportFailure).toBe(
        'TLS_error:|268436496:SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE:TLS_error_end',
      );
    expect(seen.failures[0]).toContain('peer did not provide required client certificate');
    expect(bench.stat('listener.in.ssl.fail_verify_no_cert')).toBe(1);
  });

  it('refuses plain HTTP', () => {
    const bench = new Bench();
    const seen = serve(bench, { chain: server });
    bench.clusters.setClusters([{ name: 'c', load_assignment: assignment('c', 1, 443) }]);
    expect(bench.call('c').reset).toBe('connection termination');
    expect(seen.failures).toEqual([
      'TLS_error:|268435612:SSL routines:OPENSSL_internal:HTTP_REQUEST:TLS_error_end',
    ]);
  });

  it('fails when the server speaks something else', () => {
    const bench = new Bench();
    const namespace = bench.network.attach({ name: 'b1.test', ips: ['10.0.1.1'] });
    namespace.listen(443, () => ({
      onConnected: () => undefined,
      onConnectFailed: () => undefined,
      onClosed: (end) => end.close(),
      onMessage: (end) => end.write({ type: 'bytes', bytes: 'HTTP/1.1 400' } as never),
    }));
    bench.clusters.setClusters([clusterWith({})]);
    expect(bench.call('c').transportFailure).toBe(
      'TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end',
    );
  });

  it('costs less when a session is resumed', () => {
    const bench = new Bench();
    serve(bench, { chain: server });
    bench.clusters.setClusters([clusterWith({}, { max_requests_per_connection: 1 })]);
    bench.call('c');
    bench.call('c');
    expect(bench.stat('cluster.c.ssl.session_reused')).toBe(1);
    expect(bench.stat('listener.in.ssl.session_reused')).toBe(1);
  });

  it('offers the protocols that a request asks for, in a pool of its own', () => {
    const bench = new Bench();
    const seen = serve(bench, { chain: server, alpn: ['istio-http/1.1', 'http/1.1'] });
    bench.clusters.setClusters([clusterWith({ alpn: ['istio'] })]);
    const alpnOverride = ['istio-http/1.1', 'istio', 'http/1.1'];
    bench.send('c', {}, { alpnOverride });
    bench.run(10);
    bench.call('c');
    expect(seen.tls.map(({ alpn }) => alpn)).toEqual(['istio-http/1.1', '']);
  });
});

describe('secrets', () => {
  const sds = {
    name: 'c',
    load_assignment: assignment('c', 1, 443),
    transport_socket: {
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
        common_tls_context: {
          tls_certificate_sds_secret_configs: [{ name: 'default' }],
          combined_validation_context: {
            default_validation_context: {
              match_subject_alt_names: [{ prefix: 'spiffe://cluster.local/' }],
            },
            validation_context_sds_secret_config: { name: 'ROOTCA' },
          },
        },
      },
    },
  };

  it('are asked for by name and must be there before a handshake', () => {
    const ca = authority();
    const bench = new Bench();
    const seen = serve(bench, { chain: chainOf(ca, 'server'), roots: ca.rootPem });
    bench.clusters.setClusters([sds]);
    expect(bench.clusters.secretNames()).toEqual(['ROOTCA', 'default']);
    expect(bench.call('c').transportFailure).toBe('TLS error: Secret is not supplied by SDS');
    bench.clusters.setSecrets([
      { name: 'default', tls_certificate: { certificate_chain: inline(chainOf(ca, 'client')) } },
      { name: 'ROOTCA', validation_context: { trusted_ca: inline(ca.rootPem) } },
    ]);
    expect(bench.call('c').status).toBe(200);
    expect(seen.tls[0]!.peerUriSans).toEqual(['spiffe://cluster.local/ns/shop/sa/client']);
  });
});

describe('auto mTLS', () => {
  it('chooses TLS for the hosts whose metadata says so', () => {
    const bench = new Bench();
    const seen = serve(bench, {});
    bench.start(0);
    const typed_config = {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
    };
    const cluster = (tlsMode: string) => ({
      name: 'c',
      load_assignment: {
        cluster_name: 'c',
        endpoints: [
          {
            lb_endpoints: [
              {
                endpoint: { address: { socket_address: { address: '10.0.1.1', port_value: 443 } } },
                metadata: { filter_metadata: { 'envoy.transport_socket_match': { tlsMode } } },
              },
            ],
          },
        ],
      },
      transport_socket_matches: [
        { name: 'tlsMode-istio', match: { tlsMode: 'istio' }, transport_socket: { typed_config } },
        { name: 'tlsMode-disabled', match: {}, transport_socket: { name: 'raw_buffer' } },
      ],
    });
    bench.clusters.setClusters([cluster('istio')]);
    expect(bench.call('c').info?.isTls).toBe(true);
    bench.clusters.setClusters([cluster('disabled')]);
    bench.call('c');
    expect(seen.hellos.at(-1)).toMatchObject({ transportProtocol: 'raw_buffer' });
  });
});
