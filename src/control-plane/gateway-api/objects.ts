/**
 * Models the Gateway API's objects, as far as istiod reads them.
 *
 * Spec: https://gateway-api.sigs.k8s.io/reference/spec/
 */
import type { KubeObject, LabelSelector } from '../../kube/objects/metadata.ts';

export const GATEWAY_API_GROUP = 'gateway.networking.k8s.io';

export interface Reference {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
  readonly port?: number;
}

export interface ParentReference extends Reference {
  readonly sectionName?: string;
}

export interface BackendReference extends Reference {
  readonly weight?: number;
  readonly filters?: readonly RouteFilter[];
}

export interface NameAndValue {
  readonly type?: 'Exact' | 'RegularExpression';
  readonly name: string;
  readonly value: string;
}

export interface PathModifier {
  readonly type: 'ReplaceFullPath' | 'ReplacePrefixMatch';
  readonly replaceFullPath?: string;
  readonly replacePrefixMatch?: string;
}

export interface HeaderFilter {
  readonly set?: readonly NameAndValue[];
  readonly add?: readonly NameAndValue[];
  readonly remove?: readonly string[];
}

export interface RouteFilter {
  readonly type: string;
  readonly requestHeaderModifier?: HeaderFilter;
  readonly responseHeaderModifier?: HeaderFilter;
  readonly requestRedirect?: {
    readonly scheme?: string;
    readonly hostname?: string;
    readonly port?: number;
    readonly statusCode?: number;
    readonly path?: PathModifier;
  };
  readonly requestMirror?: {
    readonly backendRef: BackendReference;
    readonly percent?: number;
    readonly fraction?: { readonly numerator: number; readonly denominator?: number };
  };
  readonly urlRewrite?: { readonly hostname?: string; readonly path?: PathModifier };
}

export interface HttpRouteMatch {
  readonly path?: {
    readonly type?: 'Exact' | 'PathPrefix' | 'RegularExpression';
    readonly value?: string;
  };
  readonly headers?: readonly NameAndValue[];
  readonly queryParams?: readonly NameAndValue[];
  readonly method?: string;
}

export interface GrpcRouteMatch {
  readonly method?: {
    readonly type?: 'Exact' | 'RegularExpression';
    readonly service?: string;
    readonly method?: string;
  };
  readonly headers?: readonly NameAndValue[];
}

export interface RouteRule<Match> {
  readonly name?: string;
  readonly matches?: readonly Match[];
  readonly filters?: readonly RouteFilter[];
  readonly backendRefs?: readonly BackendReference[];
  readonly timeouts?: { readonly request?: string; readonly backendRequest?: string };
  readonly retry?: {
    readonly codes?: readonly number[];
    readonly attempts?: number;
    readonly backoff?: string;
  };
}

export interface RouteSpec<Match> {
  readonly parentRefs?: readonly ParentReference[];
  readonly hostnames?: readonly string[];
  readonly rules?: readonly RouteRule<Match>[];
}

export type HttpRouteObject = KubeObject<RouteSpec<HttpRouteMatch>>;
export type GrpcRouteObject = KubeObject<RouteSpec<GrpcRouteMatch>>;
export type RouteObject = HttpRouteObject | GrpcRouteObject;

export interface Listener {
  readonly name: string;
  readonly hostname?: string;
  readonly port: number;
  readonly protocol: string;
  readonly tls?: {
    readonly mode?: 'Terminate' | 'Passthrough';
    readonly certificateRefs?: readonly Reference[];
    readonly options?: Readonly<Record<string, string>>;
  };
  readonly allowedRoutes?: {
    readonly namespaces?: {
      readonly from?: 'All' | 'Same' | 'Selector' | 'None';
      readonly selector?: LabelSelector;
    };
    readonly kinds?: readonly { readonly group?: string; readonly kind: string }[];
  };
}

export type GatewayObject = KubeObject<{
  readonly gatewayClassName: string;
  readonly addresses?: readonly { readonly type?: string; readonly value?: string }[];
  readonly listeners?: readonly Listener[];
}>;

export type ReferenceGrant = KubeObject<{
  readonly from?: readonly Reference[];
  readonly to?: readonly {
    readonly group?: string;
    readonly kind: string;
    readonly name?: string;
  }[];
}>;

/** The objects of one kind of the Gateway API. */
export function gatewayApiObjects<T extends KubeObject>(
  objects: Iterable<KubeObject>,
  kind: string,
): T[] {
  return [...objects].filter(
    (it): it is T => it.kind === kind && it.apiVersion.startsWith(`${GATEWAY_API_GROUP}/`),
  );
}
