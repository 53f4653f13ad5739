/** Models where bytes come from. Spec: envoy config/core/v3/base.proto, DataSource. */

export interface DataSource {
  filename?: string;
  /** Base64. */
  inline_bytes?: string;
  inline_string?: string;
  environment_variable?: string;
}
