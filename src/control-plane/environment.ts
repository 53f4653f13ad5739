/** Models what istiod reads: the API server's objects, the mesh config and its own flags. */
import type { MeshConfig } from '../istio/kinds/mesh-config.ts';
import type { KubeObject } from '../kube/objects/metadata.ts';
import type { Features } from './features.ts';

export interface Environment {
  /** Kubernetes' and Istio's, accepted ones only, each with its namespace. */
  readonly objects: Iterable<KubeObject>;
  readonly meshConfig?: MeshConfig;
  /** Of short names in Istio documents; default "cluster.local". */
  readonly domainSuffix?: string;
  readonly features?: Features;
}
