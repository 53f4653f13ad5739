/** What an analyzer works with: the resources by kind, the mesh's settings, a place to report. */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { IstioKind, IstioKinds } from '../kinds/kinds.ts';
import type { MeshConfig } from '../kinds/mesh-config.ts';
import type { MessageName } from './catalogue.ts';
import { newMessage, type AnalysisMessage, type MessageArgument } from './message.ts';
import type { Fields, Resource } from './resource.ts';

export interface Analyzer {
  /** As istioctl's Go type: "gateway.ConflictingGatewayAnalyzer". */
  readonly name: string;
  readonly run: (context: AnalysisContext) => void;
}

/** Networks of the mesh, as far as they are analyzed. */
export interface MeshNetworks {
  readonly networks?: Readonly<
    Record<string, { readonly endpoints?: readonly { readonly fromRegistry?: string }[] }>
  >;
}

type SpecOf<Collection extends string> = Collection extends IstioKind
  ? IstioKinds[Collection]['spec']
  : Fields;

export class AnalysisContext {
  readonly meshConfig: MeshConfig;
  readonly meshNetworks: MeshNetworks;
  readonly istioNamespace: string;
  /** Wall-clock time, for certificates; without it their age is not looked at. */
  readonly nowMs: number | undefined;
  readonly messages: AnalysisMessage[] = [];
  readonly #byCollection = new Map<string, Map<string, Resource>>();

  constructor(
    resources: readonly Resource[],
    settings: Pick<AnalysisContext, 'meshConfig' | 'meshNetworks' | 'istioNamespace' | 'nowMs'>,
  ) {
    this.meshConfig = settings.meshConfig;
    this.meshNetworks = settings.meshNetworks;
    this.istioNamespace = settings.istioNamespace;
    this.nowMs = settings.nowMs;
    for (const resource of resources) {
      let collection = this.#byCollection.get(resource.collection);
      if (!collection) this.#byCollection.set(resource.collection, (collection = new Map()));
      collection.set(resource.fullName, resource); // a name given twice: the later counts
    }
  }

  all<Collection extends string>(collection: Collection): Resource<SpecOf<Collection>>[] {
    const found = this.#byCollection.get(collection);
    return found ? ([...found.values()] as unknown as Resource<SpecOf<Collection>>[]) : [];
  }

  /** `fullName` is "namespace/name", or "name" for what has no namespace. */
  find<Collection extends string>(
    collection: Collection,
    fullName: string,
  ): Resource<SpecOf<Collection>> | undefined {
    return this.#byCollection.get(collection)?.get(fullName) as unknown as
      Resource<SpecOf<Collection>> | undefined;
  }

  report(
    name: MessageName,
    resource: Resource<unknown>,
    parameters: readonly MessageArgument[] = [],
    path: ValuePath = [],
  ): void {
    this.messages.push(newMessage(name, resource as Resource, parameters, path));
  }
}
