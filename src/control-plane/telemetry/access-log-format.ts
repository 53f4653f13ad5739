/** Models Istio's default formats of access logs. Spec: istio pilot/pkg/model/telemetry_logging.go. */
import type { SubstitutionFormatString } from '../../xds/resources/access-log.ts';
import { packAny } from '../../xds/resources/any.ts';
import type { Struct } from '../../xds/resources/metadata.ts';

export const DEFAULT_TEXT_FORMAT =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" ' +
  '%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% ' +
  '%CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" ' +
  '%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% ' +
  '"%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" ' +
  '"%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% ' +
  '%DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n';

const DEFAULT_JSON_FORMAT: Struct = {
  start_time: '%START_TIME%',
  route_name: '%ROUTE_NAME%',
  method: '%REQ(:METHOD)%',
  path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  protocol: '%PROTOCOL%',
  response_code: '%RESPONSE_CODE%',
  response_flags: '%RESPONSE_FLAGS%',
  response_code_details: '%RESPONSE_CODE_DETAILS%',
  connection_termination_details: '%CONNECTION_TERMINATION_DETAILS%',
  bytes_received: '%BYTES_RECEIVED%',
  bytes_sent: '%BYTES_SENT%',
  duration: '%DURATION%',
  upstream_service_time: '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%',
  x_forwarded_for: '%REQ(X-FORWARDED-FOR)%',
  user_agent: '%REQ(USER-AGENT)%',
  request_id: '%REQ(X-REQUEST-ID)%',
  authority: '%REQ(:AUTHORITY)%',
  upstream_host: '%UPSTREAM_HOST%',
  upstream_cluster: '%UPSTREAM_CLUSTER_RAW%',
  upstream_local_address: '%UPSTREAM_LOCAL_ADDRESS%',
  downstream_local_address: '%DOWNSTREAM_LOCAL_ADDRESS%',
  downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
  requested_server_name: '%REQUESTED_SERVER_NAME%',
  upstream_transport_failure_reason: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
};

export function textFormat(given: string | undefined): SubstitutionFormatString {
  const text = given ? given.replace(/\n?$/, '\n') : DEFAULT_TEXT_FORMAT;
  return { text_format_source: { inline_string: text }, ...formatters(text) };
}

export function jsonFormat(given: Struct | undefined): SubstitutionFormatString {
  const fields = given && Object.keys(given).length > 0 ? given : DEFAULT_JSON_FORMAT;
  return {
    json_format: fields,
    json_format_options: {},
    ...formatters(Object.values(fields).join(' ')),
  };
}

/** One operator needs an extension to be understood. */
export function formatters(text: string): Pick<SubstitutionFormatString, 'formatters'> {
  if (!text.includes('%REQ_WITHOUT_QUERY')) return {};
  return {
    formatters: [
      {
        name: 'envoy.formatter.req_without_query',
        typed_config: packAny('envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery'),
      },
    ],
  };
}
