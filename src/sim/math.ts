/**
 * Models logarithm and exponential by + - * / alone, so that every engine gives the same bits.
 *
 * Spec: IEEE 754 double arithmetic; the reductions and polynomials are fdlibm's (e_log.c, e_exp.c).
 * Simplified: arguments must be finite; subnormal results of `exp` are flushed to zero.
 */

const LN2_HI = 6.9314718036912381649e-1;
const LN2_LO = 1.90821492927058770002e-10;
const INV_LN2 = 1.442695040888963387;
const SQRT_HALF = 0.7071067811865476;

const words = new Uint32Array(2);
const double = new Float64Array(words.buffer);
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/** x × 2^k for -1022 <= k <= 1023, exact unless it overflows or underflows. */
function scaleByPowerOfTwo(x: number, k: number): number {
  words[1 - HIGH] = 0;
  words[HIGH] = (k + 1023) << 20;
  return x * double[0]!;
}

/** Natural logarithm. x > 0 and finite; log(0) is -Infinity, a negative x gives NaN. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  double[0] = x;
  let exponent = (words[HIGH]! >>> 20) - 1023;
  if (exponent === -1023) {
    double[0] = x * 18_014_398_509_481_984;
    exponent = (words[HIGH]! >>> 20) - 1023 - 54;
  }
  words[HIGH] = (words[HIGH]! & 0xfffff) | 0x3ff00000;
  let m = double[0]!;
  if (m > 1 / SQRT_HALF) {
    m *= 0.5;
    exponent += 1;
  }
  const f = m - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd =
    z *
    (0.6666666666666735 +
      w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const half = 0.5 * f * f;
  return exponent * LN2_HI - (half - (s * (half + even + odd) + exponent * LN2_LO) - f);
}

/** e to the power of x. Overflows to Infinity above 709.78, underflows to 0 below -708. */
export function exp(x: number): number {
  if (x > 709.782712893384) return Infinity;
  if (x < -708) return 0;
  const k = Math.round(x * INV_LN2);
  const hi = x - k * LN2_HI;
  const lo = k * LN2_LO;
  const r = hi - lo;
  const t = r * r;
  const c =
    r -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t *
              (0.00006613756321437934 +
                t * (-0.0000016533902205465252 + t * 4.138136797057238e-8))));
  const y = 1 - (lo - (r * c) / (2 - c) - hi);
  return k > 1023 ? scaleByPowerOfTwo(y, k - 1) * 2 : scaleByPowerOfTwo(y, k);
}

/** base to the power of exponent; base > 0. */
export function pow(base: number, exponent: number): number {
  return base === 0 ? 0 : exp(exponent * log(base));
}
