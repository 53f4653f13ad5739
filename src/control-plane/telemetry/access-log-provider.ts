/**
 * Models the access loggers of providers: files and gRPC services.
 *
 * Spec: istio pilot/pkg/model/telemetry_logging.go, telemetryAccessLog.
 */
import type {
  AccessLogService,
  ExtensionProvider,
  ServiceAddress,
} from '../../istio/kinds/extension-provider.ts';
import type { AccessLog, SubstitutionFormatString } from '../../xds/resources/access-log.ts';
import { packAny } from '../../xds/resources/any.ts';
import type { Struct } from '../../xds/resources/metadata.ts';
import { compare } from '../config.ts';
import type { Mesh } from '../mesh-config.ts';
import { lookupCluster } from '../push/lookup-cluster.ts';
import type { PushContext } from '../push/push-context.ts';
import { DEFAULT_TEXT_FORMAT, formatters, jsonFormat, textFormat } from './access-log-format.ts';

const PACKAGE = 'envoy.extensions.access_loggers';
const PEERS = ['upstream_peer', 'downstream_peer'];
const PEERS_OF_PLUGINS = [
  ...PEERS,
  'wasm.upstream_peer',
  'wasm.upstream_peer_id',
  'wasm.downstream_peer',
  'wasm.downstream_peer_id',
];

/** The mesh config's `accessLogFile`; undefined where it names none. */
export function meshFileLog(mesh: Mesh, path = mesh.accessLogFile): AccessLog | undefined {
  if (!path) return undefined;
  const format =
    mesh.accessLogEncoding === 'JSON'
      ? jsonFormat(parsedFormat(mesh.accessLogFormat))
      : textFormat(mesh.accessLogFormat);
  return fileLog(path, format);
}

/** A format that is no JSON is ignored, as istiod does after a word in its log. */
function parsedFormat(text: string | undefined): Struct | undefined {
  if (!text) return undefined;
  try {
    return JSON.parse(text) as Struct;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function providerLog(push: PushContext, provider: ExtensionProvider): AccessLog | undefined {
  const { envoyFileAccessLog: file, envoyHttpAls, envoyTcpAls, envoyOtelAls } = provider;
  if (file) {
    const isBuiltIn = provider.name === 'envoy' && !file.logFormat && !file.omitEmptyValues;
    if (isBuiltIn) return meshFileLog(push.mesh, file.path);
    const format = file.logFormat?.labels
      ? jsonFormat(file.logFormat.labels)
      : textFormat(file.logFormat?.text);
    return fileLog(file.path || '/dev/stdout', {
      ...format,
      ...(file.omitEmptyValues && { omit_empty_values: true }),
    });
  }
  if (envoyHttpAls) return httpService(push, envoyHttpAls);
  if (envoyTcpAls) return tcpService(push, envoyTcpAls);
  return envoyOtelAls && openTelemetry(push, envoyOtelAls);
}

function fileLog(path: string, log_format: SubstitutionFormatString): AccessLog {
  return {
    name: 'envoy.access_loggers.file',
    typed_config: packAny(`${PACKAGE}.file.v3.FileAccessLog`, { path, log_format }),
  };
}

/** Undefined where the service is not known. */
function commonConfig(
  push: PushContext,
  { service, port }: ServiceAddress,
  logName: string,
  filterState: readonly string[],
): object | undefined {
  const found = lookupCluster(push, service, port);
  if (!found) return undefined;
  return {
    log_name: logName,
    grpc_service: { envoy_grpc: { cluster_name: found.cluster, authority: found.host } },
    transport_api_version: 'V3',
    filter_state_objects_to_log: filterState,
  };
}

type GrpcLogProvider = ServiceAddress & AccessLogService;

function httpService(push: PushContext, given: GrpcLogProvider): AccessLog | undefined {
  const state = given.filterStateObjectsToLog?.length ? given.filterStateObjectsToLog : PEERS;
  const common = commonConfig(push, given, given.logName || 'http_envoy_accesslog', state);
  if (!common) return undefined;
  const list = (field: string, names: readonly string[] | undefined) =>
    names?.length ? { [field]: [...names] } : {};
  return {
    name: 'envoy.access_loggers.http_grpc',
    typed_config: packAny(`${PACKAGE}.grpc.v3.HttpGrpcAccessLogConfig`, {
      common_config: common,
      ...list('additional_request_headers_to_log', given.additionalRequestHeadersToLog),
      ...list('additional_response_headers_to_log', given.additionalResponseHeadersToLog),
      ...list('additional_response_trailers_to_log', given.additionalResponseTrailersToLog),
    }),
  };
}

function tcpService(push: PushContext, given: GrpcLogProvider): AccessLog | undefined {
  const state = given.filterStateObjectsToLog?.length ? given.filterStateObjectsToLog : PEERS;
  const common = commonConfig(push, given, given.logName || 'tcp_envoy_accesslog', state);
  return (
    common && {
      name: 'envoy.tcp_grpc_access_log',
      typed_config: packAny(`${PACKAGE}.grpc.v3.TcpGrpcAccessLogConfig`, {
        common_config: common,
      }),
    }
  );
}

function openTelemetry(
  push: PushContext,
  given: NonNullable<ExtensionProvider['envoyOtelAls']>,
): AccessLog | undefined {
  const common = commonConfig(
    push,
    given,
    given.logName || 'otel_envoy_accesslog',
    PEERS_OF_PLUGINS,
  );
  if (!common) return undefined;
  const text = given.logFormat?.text || DEFAULT_TEXT_FORMAT;
  const labels = Object.entries(given.logFormat?.labels ?? {}).sort(([a], [b]) => compare(a, b));
  return {
    name: 'envoy.access_loggers.open_telemetry',
    typed_config: packAny(`${PACKAGE}.open_telemetry.v3.OpenTelemetryAccessLogConfig`, {
      common_config: common,
      disable_builtin_labels: true,
      body: { string_value: text },
      ...(labels.length > 0 && {
        attributes: {
          values: labels.map(([key, value]) => ({ key, value: { string_value: String(value) } })),
        },
      }),
      ...formatters([text, ...labels.map(([, value]) => String(value))].join(' ')),
    }),
  };
}
