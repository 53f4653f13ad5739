/** Events a second of the bare engine: a thousand timers that set themselves anew, nothing else. */
import { Simulation } from '../../sim/simulation.ts';
import { cpuSeconds, type Figure } from './figure.ts';

const TIMERS = 1_000;
const EVENTS = 3_000_000;

export const kernelEvents: Figure = {
  name: 'kernel-events',
  unit: 'events/s',
  method:
    'simulation alone: 1,000 pending timers, each sets itself anew after 1 to 1,000 µs; ' +
    '3,000,000 events over seconds of processor time',
  measure() {
    const simulation = new Simulation(1);
    for (let i = 0; i < TIMERS; i++) simulation.schedule(i, again, simulation, i);
    const seconds = cpuSeconds(() => simulation.runUntil(Infinity, EVENTS));
    return simulation.eventCount / seconds;
  },
};

/** The delay follows from the number alone: chance is not what is measured. */
function again(simulation: Simulation, number: number): void {
  simulation.schedule(1 + ((number * 7919) % 1000), again, simulation, (number + 17) % 100_003);
}
