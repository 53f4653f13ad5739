/**
 * Models where spans are sent: Zipkin, OpenTelemetry, Skywalking, Datadog.
 *
 * Spec: istio pilot/pkg/networking/core/tracing.go, configureFromProviderConfig. Simplified: no
 * samplers and resource detectors of OpenTelemetry.
 */
import type { ExtensionProvider } from '../../istio/kinds/extension-provider.ts';
import { packAny, type TypedExtensionConfig } from '../../xds/resources/any.ts';
import type { HttpTracing } from '../../xds/resources/tracing.ts';
import type { Proxy } from '../proxy.ts';
import { lookupCluster, type FoundCluster } from '../push/lookup-cluster.ts';

type ProviderPart = Pick<HttpTracing, 'provider' | 'max_path_tag_length' | 'spawn_upstream_span'>;

const PACKAGE = 'envoy.config.trace.v3';

/** Undefined for a provider that cannot trace, or whose service is not known. */
export function traceProvider(proxy: Proxy, provider: ExtensionProvider): ProviderPart | undefined {
  const { zipkin, opentelemetry, skywalking, datadog } = provider;
  const given = zipkin ?? opentelemetry ?? skywalking ?? datadog;
  const found = given && lookupCluster(proxy.push, given.service, given.port);
  if (!found) return undefined;
  const maxTag = (zipkin ?? opentelemetry ?? datadog)?.maxTagLength;
  return {
    provider: zipkin
      ? zipkinTracer(zipkin, found)
      : opentelemetry
        ? grpcTracer('opentelemetry', 'OpenTelemetryConfig', found)
        : skywalking
          ? grpcTracer('skywalking', 'SkyWalkingConfig', found)
          : datadogTracer(found),
    ...(maxTag && { max_path_tag_length: maxTag }),
    ...((skywalking || proxy.isRouter) && { spawn_upstream_span: true }),
  };
}

function zipkinTracer(
  { path, enable64bitTraceId }: NonNullable<ExtensionProvider['zipkin']>,
  { host, cluster }: FoundCluster,
): TypedExtensionConfig {
  return {
    name: 'envoy.tracers.zipkin',
    typed_config: packAny(`${PACKAGE}.ZipkinConfig`, {
      collector_endpoint_version: 'HTTP_JSON',
      ...(!enable64bitTraceId && { trace_id_128bit: true }),
      shared_span_context: false,
      collector_service: {
        http_uri: { uri: `http://${host}${path || '/api/v2/spans'}`, cluster, timeout: '5s' },
      },
    }),
  };
}

function grpcTracer(
  name: string,
  message: string,
  { host, cluster }: FoundCluster,
): TypedExtensionConfig {
  return {
    name: `envoy.tracers.${name}`,
    typed_config: packAny(`${PACKAGE}.${message}`, {
      grpc_service: { envoy_grpc: { cluster_name: cluster, authority: host } },
    }),
  };
}

function datadogTracer({ host, cluster }: FoundCluster): TypedExtensionConfig {
  return {
    name: 'envoy.tracers.datadog',
    typed_config: packAny(`${PACKAGE}.DatadogConfig`, {
      collector_cluster: cluster,
      collector_hostname: host,
    }),
  };
}
