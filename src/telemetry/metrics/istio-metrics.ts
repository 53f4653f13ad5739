/**
 * Models Istio's standard metrics, made from what proxies report.
 *
 * Spec: https://istio.io/latest/docs/reference/config/metrics/. Simplified: a TCP connection is
 * counted when it is over; metrics of a Telemetry resource are not applied here.
 */
import type { PeerMetadata } from '../../proxy/wire.ts';
import type { CounterSeries, HistogramSeries } from './series.ts';
import type { Family, MetricsRegistry } from './registry.ts';
import { RecentSeries } from './recent-series.ts';
import type { RequestReport } from './request-report.ts';

/** Upper bounds of Envoy's histograms, in the unit of the metric. */
export const ENVOY_BUCKETS: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000,
  600_000, 1_800_000, 3_600_000,
];

const COMMON_LABELS = [
  'reporter',
  'source_workload',
  'source_canonical_service',
  'source_canonical_revision',
  'source_workload_namespace',
  'source_principal',
  'source_app',
  'source_version',
  'source_cluster',
  'destination_workload',
  'destination_workload_namespace',
  'destination_principal',
  'destination_app',
  'destination_version',
  'destination_service',
  'destination_canonical_service',
  'destination_canonical_revision',
  'destination_service_name',
  'destination_service_namespace',
  'destination_cluster',
  'request_protocol',
] as const;
const HTTP_LABELS = [
  ...COMMON_LABELS,
  'response_code',
  'grpc_response_status',
  'response_flags',
  'connection_security_policy',
] as const;
const TCP_LABELS = [...COMMON_LABELS, 'response_flags', 'connection_security_policy'] as const;

interface HttpSeries {
  readonly requests: CounterSeries;
  readonly durations: HistogramSeries;
  readonly requestBytes: HistogramSeries;
  readonly responseBytes: HistogramSeries;
}

interface TcpSeries {
  readonly opened: CounterSeries;
  readonly closed: CounterSeries;
  readonly sent: CounterSeries;
  readonly received: CounterSeries;
}

const ABSENT: PeerMetadata = {
  workload: 'unknown',
  namespace: 'unknown',
  app: 'unknown',
  version: 'unknown',
  canonicalService: 'unknown',
  canonicalRevision: 'latest',
  cluster: 'unknown',
  name: 'unknown',
};

export class IstioMetrics {
  readonly #http: {
    readonly requests: Family<CounterSeries>;
    readonly durations: Family<HistogramSeries>;
    readonly requestBytes: Family<HistogramSeries>;
    readonly responseBytes: Family<HistogramSeries>;
  };
  readonly #tcp: {
    readonly opened: Family<CounterSeries>;
    readonly closed: Family<CounterSeries>;
    readonly sent: Family<CounterSeries>;
    readonly received: Family<CounterSeries>;
  };
  readonly #recentHttp = new RecentSeries<HttpSeries>();
  readonly #recentTcp = new RecentSeries<TcpSeries>();

  constructor(registry: MetricsRegistry) {
    const histogram = (name: string, help: string) =>
      registry.histogram(name, help, HTTP_LABELS, ENVOY_BUCKETS);
    this.#http = {
      requests: registry.counter('istio_requests_total', 'Requests.', HTTP_LABELS),
      durations: histogram('istio_request_duration_milliseconds', 'Duration of requests.'),
      requestBytes: histogram('istio_request_bytes', 'Sizes of request bodies.'),
      responseBytes: histogram('istio_response_bytes', 'Sizes of response bodies.'),
    };
    const counter = (name: string, help: string) => registry.counter(name, help, TCP_LABELS);
    this.#tcp = {
      opened: counter('istio_tcp_connections_opened_total', 'Connections opened.'),
      closed: counter('istio_tcp_connections_closed_total', 'Connections closed.'),
      sent: counter('istio_tcp_sent_bytes_total', 'Bytes sent in response.'),
      received: counter('istio_tcp_received_bytes_total', 'Bytes received in request.'),
    };
  }

  record(report: RequestReport): void {
    if (report.protocol === 'tcp') this.#recordTcp(report);
    else this.#recordHttp(report);
  }

  #recordHttp(report: RequestReport): void {
    const series =
      this.#recentHttp.of(report) ?? this.#recentHttp.keep(report, this.#httpSeries(report));
    series.requests.add(1);
    series.durations.observe(report.durationUs / 1000);
    series.requestBytes.observe(report.requestBytes);
    series.responseBytes.observe(report.responseBytes);
  }

  #recordTcp(report: RequestReport): void {
    const series =
      this.#recentTcp.of(report) ?? this.#recentTcp.keep(report, this.#tcpSeries(report));
    series.opened.add(1);
    series.closed.add(1);
    series.sent.add(report.responseBytes);
    series.received.add(report.requestBytes);
  }

  #httpSeries(report: RequestReport): HttpSeries {
    const values = [
      ...commonValues(report),
      String(report.responseCode),
      report.grpcStatus,
      report.responseFlags,
      report.connectionSecurity,
    ];
    return {
      requests: this.#http.requests.with(...values),
      durations: this.#http.durations.with(...values),
      requestBytes: this.#http.requestBytes.with(...values),
      responseBytes: this.#http.responseBytes.with(...values),
    };
  }

  #tcpSeries(report: RequestReport): TcpSeries {
    const values = [...commonValues(report), report.responseFlags, report.connectionSecurity];
    return {
      opened: this.#tcp.opened.with(...values),
      closed: this.#tcp.closed.with(...values),
      sent: this.#tcp.sent.with(...values),
      received: this.#tcp.received.with(...values),
    };
  }
}

/** In the order of COMMON_LABELS. */
function commonValues(report: RequestReport): string[] {
  const source = report.source ?? ABSENT;
  const destination = report.destination ?? ABSENT;
  const { service } = report;
  return [
    report.reporter,
    source.workload,
    source.canonicalService,
    source.canonicalRevision,
    source.namespace,
    report.sourcePrincipal || 'unknown',
    source.app,
    source.version,
    source.cluster,
    destination.workload,
    destination.namespace,
    report.destinationPrincipal || 'unknown',
    destination.app,
    destination.version,
    service.host,
    destination.canonicalService,
    destination.canonicalRevision,
    service.name,
    service.namespace,
    destination.cluster,
    report.protocol,
  ];
}
