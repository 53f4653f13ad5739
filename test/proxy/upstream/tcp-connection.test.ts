import { describe, expect, it } from 'vitest';
import { HeaderMap } from '../../../src/proxy/http/header-map.ts';
import type {
  TcpUpstream,
  TcpUpstreamCallbacks,
  UpstreamConnectionInfo,
} from '../../../src/proxy/upstream/contract.ts';
import type { ConnectionEnd } from '../../../src/sim/network/connection.ts';
import { assignment, Bench } from './bench.ts';

class Client implements TcpUpstreamCallbacks {
  upstream: TcpUpstream | undefined;
  info: UpstreamConnectionInfo | undefined;
  readonly heard: string[] = [];

  onPoolReady(connection: TcpUpstream, info: UpstreamConnectionInfo): void {
    this.upstream = connection;
    this.info = info;
  }
  onPoolFailure(reason: string): void {
    this.heard.push(reason);
  }
  onBytes(bytes: string): void {
    this.heard.push(bytes);
  }
  onClosed(how: string): void {
    this.heard.push(how);
  }
}

function connect(bench: Bench): Client {
  const client = new Client();
  bench.clusters.cluster('c')!.newTcpConnection(
    {
      context: {
        hashKey: undefined,
        metadataMatch: undefined,
        requestHeaders: new HeaderMap(),
        downstreamConnection: undefined,
        hostsTried: [],
        rejectHost: undefined,
        hostSelectionAttemptsMax: 0,
        prioritiesTried: [],
      },
      priority: 'default',
      downstreamVersion: 'HTTP/1.1',
      alpnOverride: undefined,
      requestedServerName: '',
      requestId: 0,
      journal: undefined,
    },
    client,
  );
  bench.run(10);
  return client;
}

/** A server on 10.0.1.1:80 that sends bytes back and closes after "bye". */
function echo(bench: Bench): ConnectionEnd[] {
  const ends: ConnectionEnd[] = [];
  bench.network.attach({ name: 'b1.test', ips: ['10.0.1.1'] }).listen(80, (end) => {
    ends.push(end);
    return {
      onConnected: () => undefined,
      onConnectFailed: () => undefined,
      onClosed: (closed) => closed.close(),
      onMessage: (from, message) => {
        from.write(message);
        if ((message as unknown as { bytes: string }).bytes === 'bye') from.close();
      },
    };
  });
  return ends;
}

const CLUSTER = { name: 'c', load_assignment: assignment('c', 1) };

describe('a TCP connection to a host', () => {
  it('passes bytes both ways and the close, and is never used twice', () => {
    const bench = new Bench();
    const ends = echo(bench);
    bench.clusters.setClusters([CLUSTER]);
    const first = connect(bench);
    first.upstream!.write('hello');
    first.upstream!.write('bye');
    bench.run(10);
    expect(first.heard).toEqual(['hello', 'bye', 'fin']);
    connect(bench);
    expect(ends).toHaveLength(2);
    expect(bench.stat('cluster.c.upstream_cx_total')).toBe(2);
    expect(bench.stat('cluster.c.upstream_cx_active')).toBe(1);
  });

  it('belongs to one client, also when several connect at once', () => {
    const bench = new Bench();
    const ends = echo(bench);
    bench.clusters.setClusters([CLUSTER]);
    const first = connect(bench);
    const second = connect(bench);
    first.upstream!.write('one');
    second.upstream!.write('two');
    bench.run(10);
    expect([first.heard, second.heard]).toEqual([['one'], ['two']]);
    expect(ends).toHaveLength(2);
  });

  it('is refused at once beyond max_connections', () => {
    const bench = new Bench();
    echo(bench);
    const circuit_breakers = { thresholds: [{ max_connections: 1 }] };
    bench.clusters.setClusters([{ ...CLUSTER, circuit_breakers }]);
    connect(bench);
    expect(connect(bench).heard).toEqual(['overflow']);
    expect(bench.stat('cluster.c.upstream_cx_overflow')).toBe(1);
  });

  it('counts for outlier detection by whether it could be had', () => {
    const bench = new Bench();
    bench.network.attach({ name: 'b1.test', ips: ['10.0.1.1'] });
    const outlier_detection = { consecutive_5xx: 2, max_ejection_percent: 100 };
    bench.clusters.setClusters([{ ...CLUSTER, outlier_detection }]);
    expect(connect(bench).heard).toEqual(['remote connection failure']);
    connect(bench);
    expect(bench.stat('cluster.c.outlier_detection.ejections_active')).toBe(1);
  });
});

describe('preconnecting', () => {
  it('keeps a connection ready for the next request', () => {
    const bench = new Bench();
    const [backend] = bench.start(1);
    const preconnect_policy = { per_upstream_preconnect_ratio: 2 };
    bench.clusters.setClusters([{ ...CLUSTER, preconnect_policy }]);
    bench.call('c');
    expect(backend!.connections).toBe(2);
  });
});
