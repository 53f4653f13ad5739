/** A case of `probe`: a cluster, the documents under test, and requests that are sent one by one. */
import path from 'node:path';
import { readJson, readText } from '../input.ts';

export interface ProbeCase {
  readonly name: string;
  readonly clusterYaml: string;
  readonly configYaml: string;
  readonly setting: CaseFile;
  readonly requests: RequestsFile;
}

/** case.json: the pods that have a sidecar, or are a gateway. */
export interface CaseFile {
  readonly title?: string;
  readonly mesh_config?: Readonly<Record<string, unknown>>;
  readonly proxies: readonly ProxyPlan[];
}

export interface ProxyPlan {
  /** "NAME.NS". */
  readonly pod: string;
  readonly type: 'sidecar' | 'router';
  readonly ip: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly service_account?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly node?: string;
}

export interface RequestsFile {
  readonly apps?: Readonly<Record<string, AppPlan>>;
  /** Only these pods run; all when missing. */
  readonly pods?: readonly string[];
  readonly outside?: Readonly<Record<string, { readonly ip: string; readonly ports: number[] }>>;
  /** Names of machines outside. */
  readonly hosts?: Readonly<Record<string, string>>;
  readonly certificates?: Readonly<Record<string, CertificatePlan>>;
  /** Secrets of gateways: credential name → DNS names. */
  readonly secrets?: Readonly<Record<string, readonly string[]>>;
  /** Statistics that are read at the end, by pod. */
  readonly stats?: Readonly<Record<string, readonly string[]>>;
  readonly settle_ms?: number;
  readonly steps: readonly Step[];
}

/** "off": the pod is up and nothing listens; "gone": its address has vanished. */
export type AppPlan = 'off' | 'gone' | Readonly<Record<string, 'off' | readonly AnswerPlan[]>>;

export interface AnswerPlan {
  readonly status?: number;
  readonly delay_ms?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** true: FIN without an answer; "reset": RST. */
  readonly close?: boolean | 'reset';
  /** How often before the next answer; the last one stays. */
  readonly times?: number;
  /** Only each k-th request. */
  readonly every?: number;
  /** Calls that are made before answering, one after the other. */
  readonly calls?: readonly CallPlan[];
}

export interface CallPlan {
  readonly url: string;
  readonly timeout_ms?: number;
  readonly tries?: number;
}

export interface CertificatePlan {
  readonly issuer?: string;
  readonly trusts?: string;
  readonly identity?: string;
}

export interface Step {
  readonly id: string;
  /** "POD.NS" or "external". */
  readonly from?: string;
  readonly to?: { readonly host: string; readonly port: number; readonly ip?: string };
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes to send instead of a request. */
  readonly tcp?: string;
  readonly tls?: { readonly sni?: string; readonly alpn?: readonly string[] };
  readonly count?: number;
  readonly interval_ms?: number;
  readonly parallel?: boolean;
  /** Not before this time since the start. */
  readonly at_ms?: number;
  /** The next step does not wait for this one. */
  readonly background?: boolean;
  /** The answer lists every request in order. */
  readonly sequence?: boolean;
  readonly do?: 'app';
  readonly pod?: string;
  readonly port?: number;
  readonly plan?: readonly AnswerPlan[];
}

/** Reads the four files of a case's folder. */
export function readProbeCase(folder: string): ProbeCase {
  return {
    name: path.basename(folder),
    clusterYaml: readText(path.join(folder, 'cluster.yaml')),
    configYaml: readText(path.join(folder, 'config.yaml')),
    setting: readJson(path.join(folder, 'case.json')) as CaseFile,
    requests: readJson(path.join(folder, 'requests.json')) as RequestsFile,
  };
}
