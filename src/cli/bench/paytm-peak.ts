/** How much faster (or slower) than the clock a payment system runs at its peak. */
import { Session } from '../../mesh/session.ts';
import { wallSeconds, type Figure } from './figure.ts';
import { peakScene } from './peak-scene.ts';

const WARM_UP_US = 300_000;
const MEASURED_US = 1_000_000;

export const paytmPeak: Figure = {
  name: 'paytm-peak',
  unit: 'virtual s/s',
  method:
    'three workloads send 50,000 requests/s, Poisson, to ten pods of a payment processor in two ' +
    'subsets, through sidecars with mTLS, retries, time-outs and outlier detection; virtual seconds ' +
    'over seconds on the clock',
  measure() {
    const { mesh } = new Session(peakScene(), 1);
    mesh.runUntil(mesh.simulation.now + WARM_UP_US);
    const end = mesh.simulation.now + MEASURED_US;
    return MEASURED_US / 1_000_000 / wallSeconds(() => void mesh.runUntil(end));
  },
};
