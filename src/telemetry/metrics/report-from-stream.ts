/**
 * Models the istio.stats filter: what it reads from a finished stream of its proxy.
 *
 * Spec: istio/proxy source/extensions/filters/http/istio_stats. Simplified: a service that the
 * cluster's metadata does not name is "unknown", unless the cluster is one of Istio's catch-alls.
 */
import { flagsText, type StreamInfo } from '../../proxy/stream-info.ts';
import type { PeerMetadata } from '../../proxy/wire.ts';
import type { DestinationService, RequestReport } from './request-report.ts';

const CATCH_ALL = new Set(['PassthroughCluster', 'BlackHoleCluster', 'InboundPassthroughCluster']);

/** The report of one stream. `self`: what the proxy's own workload is. */
export function reportFromStream(info: StreamInfo, self: PeerMetadata): RequestReport {
  const isInbound = info.direction === 'inbound';
  const peerOfServer = info.tls?.peerUriSans[0] ?? '';
  const { upstreamConnection } = info;
  return {
    reporter: isInbound ? 'destination' : 'source',
    source: isInbound ? info.downstreamPeer : self,
    destination: isInbound ? self : info.upstreamPeer,
    sourcePrincipal: isInbound ? peerOfServer : '',
    destinationPrincipal: isInbound
      ? peerOfServer && (info.tls?.localUriSans[0] ?? '')
      : (upstreamConnection?.peerIdentity ?? ''),
    service: serviceOf(info),
    protocol: info.kind === 'tcp' ? 'tcp' : info.isGrpc ? 'grpc' : 'http',
    responseCode: info.status,
    grpcStatus: info.grpcStatus,
    responseFlags: flagsText(info.flags),
    connectionSecurity: !isInbound ? 'unknown' : info.tls?.peerPresented ? 'mutual_tls' : 'none',
    durationUs: info.endTime - info.startTime,
    requestBytes: info.bytesReceived,
    responseBytes: info.bytesSent,
  };
}

const services = new WeakMap<object, DestinationService>();

/** The service a stream was for: Istio writes it into the metadata of its clusters. */
function serviceOf(info: StreamInfo): DestinationService {
  const resource = info.clusterResource;
  if (!resource) return fallback(info);
  let service = services.get(resource);
  if (!service) services.set(resource, (service = namedIn(resource) ?? fallback(info)));
  return service;
}

interface ClusterMetadata {
  readonly metadata?: {
    readonly filter_metadata?: {
      readonly istio?: {
        readonly services?: readonly { host?: string; name?: string; namespace?: string }[];
      };
    };
  };
}

function namedIn(resource: object): DestinationService | undefined {
  const service = (resource as ClusterMetadata).metadata?.filter_metadata?.istio?.services?.[0];
  if (!service) return undefined;
  const { host = 'unknown', name = 'unknown', namespace = 'unknown' } = service;
  return { host, name, namespace };
}

function fallback(info: StreamInfo): DestinationService {
  const host = info.requestHeaders?.get(':authority') ?? 'unknown';
  const name = CATCH_ALL.has(info.cluster) ? info.cluster : 'unknown';
  return { host, name, namespace: 'unknown' };
}
