/**
 * The settings of the sidecar injector, as its ConfigMap holds them.
 * Spec: https://istio.io/latest/docs/setup/additional-setup/customize-installation/
 */
import type { Resource } from './resource.ts';

const INJECTOR = 'istio-sidecar-injector';

export interface InjectorValues {
  readonly global?: {
    readonly hub?: string;
    readonly tag?: string | number;
    readonly proxy?: { readonly image?: string };
  };
  readonly sidecarInjectorWebhook?: { readonly enableNamespacesByDefault?: boolean };
}

export function isInjectorSettings({ name }: Resource): boolean {
  return name.startsWith(INJECTOR);
}

/** The ConfigMap's name for a revision. */
export function injectorName(revision: string | undefined): string {
  return !revision || revision === 'default' ? INJECTOR : `${INJECTOR}-${revision}`;
}

/** `values` of the ConfigMap, which is JSON; undefined where it is not. */
export function injectorValues({ object }: Resource): InjectorValues | undefined {
  const data = (object['data'] ?? {}) as Readonly<Record<string, string>>;
  try {
    return JSON.parse(data['values'] ?? '') as InjectorValues;
  } catch {
    return undefined;
  }
}

/** The image the injector gives proxies; "" where it cannot be told. */
export function proxyImage(settings: Resource): string {
  const global = injectorValues(settings)?.global;
  if (!global) return '';
  const image = global.proxy?.image ?? '';
  return image.includes('/') ? image : `${global.hub ?? ''}/${image}:${global.tag ?? ''}`;
}
