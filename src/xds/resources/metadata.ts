/** Models metadata of resources, and paths into it. Spec: envoy config/core/v3/base.proto, type/metadata/v3. */
import type { Any } from './any.ts';

/** google.protobuf.Struct as plain JSON. */
export type Struct = Record<string, unknown>;

export interface Metadata {
  /** By filter name, e.g. "istio", "envoy.lb", "envoy.transport_socket_match". */
  filter_metadata?: Record<string, Struct>;
  typed_filter_metadata?: Record<string, Any>;
}

export interface MetadataKey {
  key: string;
  path?: { key: string }[];
}

export interface MetadataKind {
  request?: object;
  route?: object;
  cluster?: object;
  host?: object;
}
