/**
 * Joins the builders to istiod's pushing: what changed is read anew, what was asked for is generated.
 */
import type { KubeObject } from '../kube/objects/metadata.ts';
import type { MeshConfig } from '../istio/kinds/mesh-config.ts';
import type { Resource } from '../xds/resources/resource.ts';
import type { XdsType } from '../xds/type-url.ts';
import type { ConfigChange, ConfigGenerator } from './discovery/config-generator.ts';
import type { ProxyNode } from './discovery/proxy-node.ts';
import type { Features } from './features.ts';
import {
  generateClusters,
  generateEndpoints,
  generateListeners,
  generateRoutes,
} from './generate.ts';
import { buildPushContext, rebuildPushContext, type PushContext } from './push/push-context.ts';
import { typesToPush } from './types-to-push.ts';

export interface ConfigSources {
  /** Everything the API server holds, as of now. */
  readonly objects: () => Iterable<KubeObject>;
  readonly meshConfig: () => MeshConfig | undefined;
  readonly features?: Features;
}

export class IstioConfigGenerator implements ConfigGenerator<PushContext> {
  readonly #sources: ConfigSources;

  constructor(sources: ConfigSources) {
    this.#sources = sources;
  }

  rebuild(changes?: readonly ConfigChange[], previous?: PushContext): PushContext {
    const { objects, meshConfig, features } = this.#sources;
    const mesh = meshConfig();
    const environment = {
      objects: [...objects()],
      ...(mesh && { meshConfig: mesh }),
      ...(features && { features }),
    };
    return changes && previous
      ? rebuildPushContext(environment, previous, changes)
      : buildPushContext(environment);
  }

  typesToPush(
    node: ProxyNode,
    changes: readonly ConfigChange[],
    push: PushContext,
  ): readonly XdsType[] {
    return typesToPush(node, changes, push);
  }

  generate(
    type: XdsType,
    proxy: ProxyNode,
    names: readonly string[],
    push: PushContext,
  ): readonly Resource[] {
    switch (type) {
      case 'LDS':
        return generateListeners(proxy, push);
      case 'RDS':
        return generateRoutes(proxy, push, names);
      case 'CDS':
        return generateClusters(proxy, push);
      case 'EDS':
        return generateEndpoints(proxy, push, names);
      case 'SDS':
        return [];
    }
  }
}
