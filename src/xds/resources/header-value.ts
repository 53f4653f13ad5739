/** Models header additions. Spec: envoy config/core/v3/base.proto, HeaderValueOption. */

export interface HeaderValue {
  key: string;
  value?: string;
  /** Base64. */
  raw_value?: string;
}

export type HeaderAppendAction =
  | 'APPEND_IF_EXISTS_OR_ADD'
  | 'ADD_IF_ABSENT'
  | 'OVERWRITE_IF_EXISTS_OR_ADD'
  | 'OVERWRITE_IF_EXISTS';

export interface HeaderValueOption {
  header?: HeaderValue;
  /** Deprecated form of `append_action`. */
  append?: boolean;
  append_action?: HeaderAppendAction;
  keep_empty_value?: boolean;
}

/** The four lists that clusters of weights, routes, virtual hosts and route tables all carry. */
export interface HeaderMutations {
  request_headers_to_add?: HeaderValueOption[];
  request_headers_to_remove?: string[];
  response_headers_to_add?: HeaderValueOption[];
  response_headers_to_remove?: string[];
}
