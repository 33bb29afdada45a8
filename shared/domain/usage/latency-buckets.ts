/** Each bucket reaches 5 % further than the one before. */
const GROWTH = 1.05;

/** Holds everything above about eleven and a half hours. */
const LAST_BUCKET = 360;

/**
 * The bucket of a latency in whole milliseconds: `b` holds what is above 1.05^(b-1) ms and up to 1.05^b ms, 0 what is up
 * to 1 ms, 360 all that is longer. The twin of SQL's `latency_bucket`.
 */
export function bucketOf(milliseconds: number): number {
  return Math.min(LAST_BUCKET, Math.ceil(Math.log(Math.max(milliseconds, 1)) / Math.log(GROWTH)));
}

/** The longest latency of a bucket, in milliseconds; for the last bucket where it would end. */
export function upperBoundOf(bucket: number): number {
  return GROWTH ** bucket;
}

/**
 * The latency (milliseconds, perhaps with a fraction) that a share `q` (0 to 1) of those in a histogram, counts by bucket,
 * do not exceed: the nearest rank, within 2.5 % of the exact one below the last bucket. Null for an empty histogram.
 */
export function quantileOf(histogram: Iterable<readonly [bucket: number, count: number]>, q: number): number | null {
  const buckets = [...histogram].filter(([, count]) => count > 0).sort(([one], [other]) => one - other);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  const rank = Math.max(1, Math.ceil(q * total));
  let passed = 0;
  for (const [bucket, count] of buckets) {
    passed += count;
    if (passed >= rank) return middleOf(bucket);
  }
  return null;
}

/** The harmonic mean of a bucket's bounds is equally far, as a share of either, from both. */
function middleOf(bucket: number): number {
  const longest = Math.floor(upperBoundOf(bucket));
  const shortest = bucket === 0 ? longest : Math.min(longest, Math.floor(upperBoundOf(bucket - 1)) + 1);
  return (2 * shortest * longest) / (shortest + longest);
}
