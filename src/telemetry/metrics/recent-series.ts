/**
 * Models a proxy's memory of the series it last wrote to, a pair of workloads at a time.
 *
 * Labels are two dozen texts: joining them for each request would cost more than all other metrics
 * work; comparing a few fields that are nearly always the same objects costs next to nothing.
 */
import type { PeerMetadata } from '../../proxy/wire.ts';
import type { RequestReport } from './request-report.ts';

/** Different reports kept a pair; the series of further ones are found by their labels. */
const RECENT_MAX = 64;

export class RecentSeries<S> {
  readonly #bySource = new Map<
    PeerMetadata | undefined,
    Map<PeerMetadata | undefined, Known<S>[]>
  >();

  of(report: RequestReport): S | undefined {
    const known = this.#bySource.get(report.source)?.get(report.destination);
    if (!known) return undefined;
    for (let i = 0; i < known.length; i++)
      if (hasSameLabels(known[i]!.report, report)) return known[i]!.series;
    return undefined;
  }

  keep(report: RequestReport, series: S): S {
    let byDestination = this.#bySource.get(report.source);
    if (!byDestination) this.#bySource.set(report.source, (byDestination = new Map()));
    const known = byDestination.get(report.destination);
    if (!known) byDestination.set(report.destination, [{ report: { ...report }, series }]);
    else if (known.length < RECENT_MAX) known.push({ report: { ...report }, series });
    return series;
  }
}

interface Known<S> {
  readonly report: RequestReport;
  readonly series: S;
}

/** Of two reports about the same pair. */
function hasSameLabels(one: RequestReport, other: RequestReport): boolean {
  return (
    one.responseCode === other.responseCode &&
    one.reporter === other.reporter &&
    one.responseFlags === other.responseFlags &&
    one.service.host === other.service.host &&
    one.service.name === other.service.name &&
    one.service.namespace === other.service.namespace &&
    one.protocol === other.protocol &&
    one.grpcStatus === other.grpcStatus &&
    one.connectionSecurity === other.connectionSecurity &&
    one.sourcePrincipal === other.sourcePrincipal &&
    one.destinationPrincipal === other.destinationPrincipal
  );
}
