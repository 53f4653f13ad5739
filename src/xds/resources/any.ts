/**
 * Models google.protobuf.Any in JSON, and the extension envelope made of it.
 *
 * Resources are snake_case proto3 JSON: fields equal to their default left out, enums by name,
 * durations as "1.5s", 64-bit integers as strings (numbers are read too). A builder may change what
 * it builds; once a resource has been sent nobody changes it any more.
 *
 * Spec: protobuf, google/protobuf/any.proto; envoy config/core/v3/extension.proto.
 */

/** 64-bit integers are strings in proto3 JSON; plain numbers are accepted as well. */
export type Int64 = string | number;

/** A message with its type: the fields stand beside "@type". */
export interface Any {
  '@type': string;
  [field: string]: unknown;
}

/** A message whose type this process need not know: filters that are only named by URL. */
export interface TypedStruct {
  '@type':
    'type.googleapis.com/udpa.type.v1.TypedStruct' | 'type.googleapis.com/xds.type.v3.TypedStruct';
  type_url: string;
  value?: Record<string, unknown>;
}

export interface TypedExtensionConfig {
  name: string;
  typed_config?: Any;
}

const PREFIX = 'type.googleapis.com/';

/** Wraps a message; `type` is its full proto name ("envoy.config.cluster.v3.Cluster"). */
export function packAny(type: string, message: object = {}): Any {
  return { '@type': PREFIX + type, ...message };
}

/** The full proto name of what an Any holds; that of the inner message for a TypedStruct. */
export function anyTypeName(any: Any): string {
  const inner = any['type_url'];
  const url =
    any['@type'].endsWith('.TypedStruct') && typeof inner === 'string' ? inner : any['@type'];
  return url.slice(url.lastIndexOf('/') + 1);
}

/** The message inside, taken on trust as `T`: look at `anyTypeName` before. */
export function unpackAny<T extends object>(any: Any): T {
  const value = any['@type'].endsWith('.TypedStruct') ? any['value'] : any;
  return (value ?? {}) as T;
}
