/** Models answers that the proxy gives itself. Spec: istio route.go, ApplyDirectResponse. */
import type { HttpDirectResponse } from '../../istio/kinds/http-route.ts';
import type { DirectResponseAction } from '../../xds/resources/route-action.ts';

export function directResponse({ status, body }: HttpDirectResponse): DirectResponseAction {
  if (body?.string !== undefined) return { status, body: { inline_string: body.string } };
  if (body?.bytes !== undefined) return { status, body: { inline_bytes: body.bytes } };
  return { status };
}
