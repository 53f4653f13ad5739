/**
 * Models the metadata by which a resource names the document or the service behind it.
 *
 * Spec: istio pilot/pkg/networking/util/util.go, AddConfigInfoMetadata.
 */
import type { IstioObject } from '../istio/kinds/istio-object.ts';
import type { Metadata } from '../xds/resources/metadata.ts';
import { configPath } from './config.ts';

const made = new WeakMap<object, Metadata>();

/** One object a document: routes and chains of it share it. */
export function configMetadata(config: IstioObject<unknown>): Metadata {
  let metadata = made.get(config);
  if (!metadata) {
    metadata = { filter_metadata: { istio: { config: configPath(config) } } };
    made.set(config, metadata);
  }
  return metadata;
}
