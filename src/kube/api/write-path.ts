/**
 * Models what every write goes through: defaults, mutating webhooks, validation, validating
 * webhooks, addresses.
 *
 * Spec: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
 */
import { splitApiVersion, type KindDefinition } from '../objects/kinds.ts';
import type { KubeObject } from '../objects/metadata.ts';
import type { Service } from '../objects/service.ts';
import { ServiceAddresses } from './addresses.ts';
import { admit, type AdmissionRequest, type AdmissionWebhook } from './admission.ts';
import { badRequest, invalid, type ApiError, type ApiResult } from './api-error.ts';
import { decoded, decodingProblem } from './decoding.ts';
import { withDefaults } from './defaults.ts';
import { keyOf } from './object-store.ts';
import { validateObject } from './validation.ts';

export class WritePath {
  readonly mutating: AdmissionWebhook[] = [];
  readonly validating: AdmissionWebhook[] = [];
  readonly #addresses = new ServiceAddresses();

  /** The object as it would be stored, or why it may not be. */
  prepare(
    definition: KindDefinition,
    given: KubeObject,
    old: KubeObject | undefined,
    dryRun: boolean,
  ): ApiResult<KubeObject> {
    const { id, kind } = definition;
    const object = decoded(id, given);
    const problem = decodingProblem(id, object);
    if (problem) {
      const { version } = splitApiVersion(object.apiVersion);
      const what = `${kind} in version "${version}" cannot be handled as a ${kind}`;
      return { ok: false, error: badRequest(`${what}: ${problem.words}`) };
    }
    const broken = validateObject(id, object, undefined);
    const complete = broken.length > 0 ? object : withDefaults(id, object);
    const causes = broken.length > 0 ? broken : validateObject(id, complete, old);
    if (causes.length > 0)
      return { ok: false, error: invalid(definition, object.metadata.name, causes) };
    const request: AdmissionRequest = {
      operation: old ? 'UPDATE' : 'CREATE',
      kindId: id,
      object: complete,
      dryRun,
      ...(old && { old }),
    };
    const mutated = admit(this.mutating, request);
    if (mutated.error) return { ok: false, error: mutated.error };
    // What a webhook has added gets its defaults too.
    const whole = mutated.object === complete ? complete : withDefaults(id, mutated.object);
    const validated = admit(this.validating, { ...request, object: whole });
    if (validated.error) return { ok: false, error: validated.error };
    const warnings = [...mutated.warnings, ...validated.warnings];
    if (id !== 'Service') return { ok: true, object: validated.object, warnings };
    const service = validated.object as Service;
    const error = this.#addressError(definition, service);
    if (error) return { ok: false, error };
    const addressed = dryRun
      ? service
      : this.#addresses.allocate(keyOf(service), service, old as Service | undefined);
    return { ok: true, object: addressed, warnings };
  }

  /** Whether a deletion may go ahead. */
  admitDeletion(
    definition: KindDefinition,
    object: KubeObject,
  ): { readonly warnings: readonly string[]; readonly error?: ApiError } {
    return admit(this.validating, {
      operation: 'DELETE',
      kindId: definition.id,
      object,
      old: object,
      dryRun: false,
    });
  }

  /** Gives back what was handed out to an object that is no more. */
  release(definition: KindDefinition, object: KubeObject): void {
    if (definition.id === 'Service') this.#addresses.release(keyOf(object), object as Service);
  }

  #addressError(definition: KindDefinition, service: Service): ApiError | undefined {
    const ip = service.spec.clusterIP;
    if (!ip || ip === 'None' || !this.#addresses.holderOf(ip, keyOf(service))) return undefined;
    const value = `Invalid value: ["${ip}"]`;
    const detail = `${value}: failed to allocate IP ${ip}: provided IP is already allocated`;
    return invalid(definition, service.metadata.name, [{ path: 'spec.clusterIPs', detail }]);
  }
}
