/** Requests a second of processor time through two sidecars, everything else included. */
import { Session } from '../../mesh/session.ts';
import { cpuSeconds, type Figure } from './figure.ts';
import { pairScene } from './pair-scene.ts';

const WARM_UP_US = 1_000_000;
const MEASURED_US = 5_000_000;

export const sidecarPair: Figure = {
  name: 'sidecar-pair',
  unit: 'requests/s',
  method:
    'a running mesh: 16 users call one service of two pods through outbound sidecar, mTLS and ' +
    'inbound sidecar, with route match, load balancing, authorization, statistics and telemetry, ' +
    'without access log; requests finished in 5 virtual seconds over seconds of processor time',
  measure() {
    const session = new Session(pairScene({ kind: 'closed', connections: 16, thinkMs: 0 }), 1);
    const { mesh } = session;
    mesh.runUntil(mesh.simulation.now + WARM_UP_US);
    const before = mesh.traffic.tally.requests;
    const end = mesh.simulation.now + MEASURED_US;
    const seconds = cpuSeconds(() => void mesh.runUntil(end));
    return (mesh.traffic.tally.requests - before) / seconds;
  },
};
