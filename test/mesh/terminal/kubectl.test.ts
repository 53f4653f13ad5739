import { beforeEach, describe, expect, it } from 'vitest';
import { ApiServer } from '../../../src/kube/api-server.ts';
import { startControllers } from '../../../src/kube/controllers/controllers.ts';
import { Kubelet } from '../../../src/kube/kubelet/kubelet.ts';
import { QUIET_RUNTIME } from '../../../src/kube/kubelet/runtime.ts';
import { runKubectl, type KubectlWorld } from '../../../src/mesh/terminal/kubectl/kubectl.ts';
import { Simulation } from '../../../src/sim/simulation.ts';
import { SECOND } from '../../../src/sim/time.ts';

const WEB = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, version: v1}}
    spec:
      containers:
      - {name: web, image: 'web:1', ports: [{containerPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.96.0.50, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec:
  hosts: [web]
  http:
  - route: [{destination: {host: web}}]
`;

let simulation: Simulation;
let world: KubectlWorld;
let files: Map<string, string>;

/** Runs a command line; words are split at blanks, quotes hold together. */
function kubectl(line: string): string {
  const { output } = run(line);
  return output;
}

function run(line: string) {
  const args = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
  return runKubectl(args, world);
}

function wait(seconds: number): void {
  simulation.runUntil(simulation.now + seconds * SECOND);
}

beforeEach(() => {
  simulation = new Simulation(3);
  const api = new ApiServer(simulation);
  startControllers(api);
  new Kubelet(api, QUIET_RUNTIME);
  files = new Map([['web.yaml', WEB]]);
  world = {
    api,
    namespace: 'default',
    files: (path) => {
      const text = files.get(path);
      return text === undefined ? undefined : [{ path, text }];
    },
    logs: ({ container }) => (container === 'web' ? ['one', 'two', 'three'] : undefined),
  };
});

describe('kubectl apply', () => {
  it('says created, unchanged, configured', () => {
    expect(kubectl('apply -f web.yaml')).toBe(
      'deployment.apps/web created\nservice/web created\nvirtualservice.networking.istio.io/web created',
    );
    wait(5);
    expect(kubectl('apply -f web.yaml')).toBe(
      'deployment.apps/web unchanged\nservice/web unchanged\nvirtualservice.networking.istio.io/web unchanged',
    );
    files.set('web.yaml', WEB.replace('replicas: 2', 'replicas: 3'));
    expect(kubectl('apply -f web.yaml').split('\n')[0]).toBe('deployment.apps/web configured');
  });

  it('stores what is right and says of the rest what is wrong', () => {
    const wrong = `kind: Nonsense
apiVersion: example.istio.io/v1
metadata: {name: x}
---
a: b: c
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: typo}
spec: {hosts: [a], htpp: []}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: mismatch}
spec:
  selector: {matchLabels: {app: a}}
  template: {metadata: {labels: {app: b}}, spec: {containers: [{name: c, image: c}]}}
---
`;
    files.set('mixed.yaml', wrong + WEB);
    const { output, exitCode } = run('apply -f mixed.yaml');
    expect(exitCode).toBe(1);
    expect(output.split('\n')).toEqual([
      'deployment.apps/web created',
      'service/web created',
      'virtualservice.networking.istio.io/web created',
      'error: resource mapping not found for name: "x" namespace: "default" from "mixed.yaml": no matches for kind "Nonsense" in version "example.istio.io/v1"',
      'ensure CRDs are installed first',
      'error: error parsing mixed.yaml: error converting YAML to JSON: yaml: line 1: mapping values are not allowed in this context',
      'Error from server (BadRequest): error when creating "mixed.yaml": VirtualService in version "v1" cannot be handled as a VirtualService: strict decoding error: unknown field "spec.htpp"',
      'The Deployment "mismatch" is invalid: spec.template.metadata.labels: Invalid value: map[string]string{"app":"b"}: `selector` does not match template `labels`',
    ]);
  });

  it('says which file is missing', () => {
    expect(run('apply -f nowhere.yaml')).toEqual({
      output: 'error: the path "nowhere.yaml" does not exist',
      exitCode: 1,
    });
  });
});

describe('kubectl get', () => {
  beforeEach(() => {
    kubectl('apply -f web.yaml');
    wait(30);
  });

  it('prints pods in columns', () => {
    const [head, first, second] = kubectl('get pods').split('\n');
    expect(head!.split(/ {3,}/)).toEqual(['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE']);
    expect(first).toMatch(/^web-[a-z0-9]+-[a-z0-9]{5} +1\/1 +Running +0 +30s$/);
    expect(second! > first!).toBe(true);
  });

  it('prints services, deployments and Istio kinds as kubectl does', () => {
    expect(kubectl('get svc web')).toBe(
      'NAME   TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE\n' +
        'web    ClusterIP   10.96.0.50   <none>        80/TCP    30s',
    );
    expect(kubectl('get deploy')).toBe(
      'NAME   READY   UP-TO-DATE   AVAILABLE   AGE\nweb    2/2     2            2           30s',
    );
    expect(kubectl('get vs')).toBe(
      'NAME   GATEWAYS   HOSTS     AGE\nweb               ["web"]   30s',
    );
    expect(kubectl('get vs -A -o wide').split('\n')[0]).toBe(
      'NAMESPACE   NAME   GATEWAYS   HOSTS     AGE',
    );
  });

  it('derives Endpoints from the slices', () => {
    expect(kubectl('get endpoints web')).toMatch(
      /^NAME +ENDPOINTS +AGE\nweb +10\.244\.0\.2:8080,10\.244\.1\.2:8080 +30s$/,
    );
    expect(kubectl('get ep nobody')).toBe(
      'Error from server (NotFound): endpoints "nobody" not found',
    );
  });

  it('knows -o name, yaml, json and jsonpath', () => {
    expect(kubectl('get deploy,svc -o name')).toBe('deployment.apps/web\nservice/web');
    expect(JSON.parse(kubectl('get svc web -o json'))).toMatchObject({ kind: 'Service' });
    expect(kubectl('get vs web -o yaml')).toContain('spec:\n  hosts:\n  - web\n');
    expect(kubectl("get pods -l app=web -o jsonpath='{.items[*].spec.containers[0].name}'")).toBe(
      'web web',
    );
    expect(kubectl(`get svc -o 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}'`)).toBe(
      'web\n',
    );
  });

  it('selects by label and says so when there is nothing', () => {
    expect(kubectl('get pods -l app=web --no-headers').split('\n').length).toBe(2);
    expect(kubectl('get pods -l app!=web')).toBe('No resources found in default namespace.');
    expect(kubectl('get gw -A')).toBe('No resources found');
  });

  it('answers mistakes in its own words', () => {
    expect(kubectl('get pods nobody')).toBe(
      'Error from server (NotFound): pods "nobody" not found',
    );
    expect(kubectl('get deploy/nobody')).toBe(
      'Error from server (NotFound): deployments.apps "nobody" not found',
    );
    expect(kubectl('get elephants')).toBe(
      'error: the server doesn\'t have a resource type "elephants"',
    );
    expect(kubectl('get pods --bogus')).toBe(
      "error: unknown flag: --bogus\nSee 'kubectl get --help' for usage.",
    );
    expect(kubectl('get pods -z')).toContain("error: unknown shorthand flag: 'z' in -z");
    expect(kubectl('frobnicate')).toContain('error: unknown command "frobnicate" for "kubectl"');
    expect(kubectl('get pods -n')).toContain("error: flag needs an argument: 'n' in -n");
  });
});

describe('kubectl changes things:', () => {
  beforeEach(() => {
    kubectl('apply -f web.yaml');
    wait(30);
  });

  it('scale, rollout restart, status and undo', () => {
    expect(kubectl('scale deploy web --replicas=3')).toBe('deployment.apps/web scaled');
    wait(0.01);
    expect(kubectl('rollout status deploy/web')).toBe(
      'Waiting for deployment "web" rollout to finish: 2 of 3 updated replicas are available...',
    );
    wait(10);
    expect(kubectl('rollout status deploy/web')).toBe('deployment "web" successfully rolled out');
    expect(kubectl('set image deploy/web web=web:2')).toBe('deployment.apps/web image updated');
    wait(30);
    expect(kubectl("get pods -o jsonpath='{.items[*].spec.containers[0].image}'")).toBe(
      'web:2 web:2 web:2',
    );
    expect(kubectl('rollout undo deployment/web')).toBe('deployment.apps/web rolled back');
    wait(30);
    expect(kubectl("get pods -o jsonpath='{.items[*].spec.containers[0].image}'")).toBe(
      'web:1 web:1 web:1',
    );
    expect(kubectl('rollout restart deployment web')).toBe('deployment.apps/web restarted');
    wait(30);
    expect(kubectl('get rs --no-headers').split('\n').length).toBe(3);
  });

  it('label and its refusal to overwrite', () => {
    expect(kubectl('label namespace default istio-injection=enabled')).toBe(
      'namespace/default labeled',
    );
    expect(kubectl('label ns default istio-injection=disabled')).toBe(
      "error: 'istio-injection' already has a value (enabled), and --overwrite is false",
    );
    expect(kubectl('label ns default istio-injection=disabled --overwrite')).toBe(
      'namespace/default labeled',
    );
    expect(kubectl('label ns default istio-injection-')).toBe('namespace/default unlabeled');
  });

  it('delete by name, by label and by file', () => {
    expect(kubectl('delete pods -l app=web').split('\n')).toEqual([
      expect.stringMatching(/^pod "web-.*" deleted$/),
      expect.stringMatching(/^pod "web-.*" deleted$/),
    ]);
    expect(kubectl('get pods')).toMatch(/Terminating/);
    wait(10);
    expect(kubectl('get pods --no-headers').split('\n').length).toBe(2);
    expect(kubectl('delete -f web.yaml')).toBe(
      'deployment.apps "web" deleted\nservice "web" deleted\nvirtualservice.networking.istio.io "web" deleted',
    );
    wait(10);
    expect(kubectl('get pods')).toBe('No resources found in default namespace.');
    expect(kubectl('delete pods')).toBe(
      'error: resource(s) were provided, but no name was specified',
    );
  });

  it('logs and exec find pod and container', () => {
    expect(kubectl('logs deploy/web --tail=2')).toBe('two\nthree');
    const result = run('exec deploy/web -c web -- curl -s http://web/');
    expect(result.exec).toEqual({
      namespace: 'default',
      pod: expect.stringMatching(/^web-/),
      container: 'web',
      command: ['curl', '-s', 'http://web/'],
    });
    expect(kubectl('exec deploy/web -c nope -- ls')).toMatch(
      /^error: container nope is not valid for pod web-.* out of: web$/,
    );
  });

  it('describe says what there is', () => {
    expect(kubectl('describe svc web')).toContain('Selector:          app=web');
    expect(kubectl('describe pods -l app=web')).toContain('Controlled By:');
    expect(kubectl('describe deploy web')).toContain(
      '2 desired | 2 updated | 2 total | 2 available',
    );
    expect(kubectl('describe vs web')).toContain('Hosts:\n    web');
  });
});
