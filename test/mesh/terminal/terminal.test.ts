import { beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../../../src/mesh/session.ts';
import { apply, exec, podOf, runFor, sessionOf } from '../small-scene.ts';

/** Beside the mesh: a pod without a sidecar. */
const OUTSIDER = `apiVersion: v1
kind: Pod
metadata:
  name: outsider
  annotations: {sidecar.istio.io/inject: "false"}
spec: {containers: [{name: curl, image: curlimages/curl}]}
`;
const STRICT = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default}
spec: {mtls: {mode: STRICT}}
`;

let session: Session;
beforeAll(() => {
  session = sessionOf({ files: [{ path: 'outsider.yaml', text: OUTSIDER }] });
});

/** Runs a line; "CLIENT" and "WEB" stand for pods. */
function run(line: string) {
  const words = line
    .replace('CLIENT', podOf(session, 'client-v1'))
    .replace('WEB', podOf(session, 'web-v1'));
  return session.act(exec(words));
}

const OUTSIDE_CURL = 'kubectl exec outsider -- curl -s -o /dev/null -w %{http_code} http://web/';

describe('the terminal', () => {
  it('runs curl in a pod, through its sidecar', () => {
    const { output, failed } = run('kubectl exec CLIENT -c client -- curl -s -i http://web/');
    expect(failed).toBe(false);
    expect(output).toContain('HTTP/1.1 200 OK');
    expect(output).toContain('server: envoy');
  });

  it('runs curl from outside the cluster, where no service has a name', () => {
    const { output, failed } = run('curl http://web.nowhere/');
    expect(failed).toBe(true);
    expect(output).toContain('Could not resolve host: web.nowhere');
  });

  it("shows a proxy's access log as the log of its container", () => {
    run('kubectl exec CLIENT -c client -- curl -s http://web/logged');
    const { output } = run('kubectl logs CLIENT -c istio-proxy');
    expect(output).toMatch(/"GET \/logged HTTP\/1\.1" 200 - via_upstream .*outbound\|80\|\|web/);
  });

  it('runs only programs that are there', () => {
    const { output, failed } = run('kubectl exec CLIENT -c client -- rm -rf /');
    expect(failed).toBe(true);
    expect(output).toContain('exec: "rm": executable file not found in $PATH');
    expect(run('vim').output).toContain('vim: command not found');
    expect(run('constructor').output).toContain('constructor: command not found');
  });

  it('lets a pod without a sidecar in, until the service is STRICT', () => {
    expect(run(OUTSIDE_CURL)).toMatchObject({ output: '200', failed: false });
    session.act(apply('strict.yaml', STRICT));
    runFor(session, 3);
    const { output, failed } = run(OUTSIDE_CURL);
    expect(failed).toBe(true);
    expect(output).toContain('command terminated with exit code 56');
    expect(run('kubectl exec CLIENT -c client -- curl -s http://web/').failed).toBe(false);
  });
});

describe('istioctl', () => {
  it('knows its short names', () => {
    expect(run('istioctl ps').output).toBe(run('istioctl proxy-status').output);
    expect(run('istioctl pc c WEB').output).toBe(run('istioctl proxy-config clusters WEB').output);
    expect(run('istioctl pc ep WEB').output).toBe(run('istioctl pc endpoints WEB').output);
  });

  it('filters, and writes what it has selected as JSON', () => {
    const line = 'istioctl pc clusters CLIENT --fqdn web.default.svc.cluster.local --port 80';
    const rows = run(line).output.trimEnd().split('\n');
    expect(rows.length).toBe(2);
    const found = JSON.parse(run(`${line} -o json`).output);
    expect(found).toMatchObject([{ name: 'outbound|80||web.default.svc.cluster.local' }]);
  });

  it('says what it does not know', () => {
    expect(run('istioctl frobnicate')).toMatchObject({ failed: true });
    expect(run('istioctl frobnicate').output).toContain(
      'Error: unknown command "frobnicate" for "istioctl"',
    );
    expect(run('istioctl pc elephants WEB').failed).toBe(true);
    expect(run('istioctl pc clusters nobody').output).toContain('pods "nobody" not found');
    expect(run('istioctl pc clusters').failed).toBe(true);
  });
});
