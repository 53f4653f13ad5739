/** Models percentages and sampled fractions. Spec: envoy type/v3/percent.proto. */

/** 0 to 100, fractions allowed. */
export interface Percent {
  value?: number;
}

export type Denominator = 'HUNDRED' | 'TEN_THOUSAND' | 'MILLION';

export interface FractionalPercent {
  numerator?: number;
  denominator?: Denominator;
}

export interface RuntimeFractionalPercent {
  default_value?: FractionalPercent;
  runtime_key?: string;
}

export interface RuntimeDouble {
  default_value?: number;
  runtime_key?: string;
}

export interface RuntimeFeatureFlag {
  default_value?: boolean;
  runtime_key?: string;
}

export interface RuntimeUint32 {
  default_value?: number;
  runtime_key?: string;
}

const DENOMINATORS: Readonly<Record<Denominator, number>> = {
  HUNDRED: 100,
  TEN_THOUSAND: 10_000,
  MILLION: 1_000_000,
};

/** Parts per million, at most one million; `absent` when there is no fraction. */
export function partsPerMillion(fraction: FractionalPercent | undefined, absent: number): number {
  if (!fraction) return absent;
  const denominator = DENOMINATORS[fraction.denominator ?? 'HUNDRED'];
  return Math.min(1_000_000, ((fraction.numerator ?? 0) * 1_000_000) / denominator);
}
