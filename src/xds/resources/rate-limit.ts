/** Models rate limit actions, descriptors and buckets. Spec: envoy route_components.proto (RateLimit), token_bucket.proto. */
import type { Duration } from '../duration.ts';
import type { TypedExtensionConfig } from './any.ts';
import type { HeaderMatcher } from './header-matcher.ts';
import type { MetadataKey } from './metadata.ts';

/** Exactly one of the fields is set. */
export interface RateLimitAction {
  source_cluster?: object;
  destination_cluster?: object;
  request_headers?: { header_name: string; descriptor_key: string; skip_if_absent?: boolean };
  query_parameters?: {
    query_parameter_name: string;
    descriptor_key: string;
    skip_if_absent?: boolean;
  };
  remote_address?: object;
  masked_remote_address?: { v4_prefix_mask_len?: number; v6_prefix_mask_len?: number };
  generic_key?: { descriptor_value: string; descriptor_key?: string };
  header_value_match?: {
    descriptor_key?: string;
    descriptor_value: string;
    expect_match?: boolean;
    headers: HeaderMatcher[];
  };
  metadata?: {
    descriptor_key: string;
    metadata_key: MetadataKey;
    default_value?: string;
    source?: 'DYNAMIC' | 'ROUTE_ENTRY';
    skip_if_absent?: boolean;
  };
  extension?: TypedExtensionConfig;
}

export interface RateLimit {
  stage?: number;
  disable_key?: string;
  actions: RateLimitAction[];
}

export interface TokenBucket {
  max_tokens: number;
  tokens_per_fill?: number;
  fill_interval: Duration;
}

export interface LocalRateLimitDescriptor {
  entries: { key: string; value?: string }[];
  token_bucket: TokenBucket;
}
