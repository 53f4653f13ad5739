/** Models what the journal says of the choice of a host: among whom, and how they stood. */
import type { HostSet } from './host-set.ts';
import type { Host } from './host.ts';

type Details = Readonly<Record<string, string | number | readonly string[]>>;

/** How many hosts there are, and how many of them are healthy. */
export function countsOf(sets: readonly HostSet[]): Details {
  let hosts = 0;
  let healthy = 0;
  for (const set of sets) {
    hosts += set.all.hosts.length;
    healthy += set.healthy.hosts.length;
  }
  return { hosts, healthy };
}

/** `policy`: "ROUND_ROBIN". Candidates are the hosts of the priority that was chosen. */
export function choiceDetails(sets: readonly HostSet[], host: Host, policy: string): Details {
  const candidates = sets[host.priority]?.all.hosts ?? [host];
  return {
    ...countsOf(sets),
    host: host.address,
    policy,
    priority: host.priority,
    zone: host.zone,
    candidates: candidates.map(({ address }) => address),
    weights: candidates.map(({ weight }) => String(weight)),
    health: candidates.map(({ healthText }) => healthText),
  };
}
