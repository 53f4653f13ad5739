/** Turns a duration as Istio's API spells it ("1m", "300ms") into proto3 JSON ("60s", "0.300s"). */
import { durationUs, type DurationString } from '../istio/kinds/duration.ts';
import { printDuration, type Duration } from '../xds/duration.ts';

export function xdsDuration(text: DurationString): Duration;
export function xdsDuration(text: DurationString | undefined): Duration | undefined;
export function xdsDuration(text: DurationString | undefined): Duration | undefined {
  return text === undefined ? undefined : printDuration(durationUs(text));
}
