import type { SnapshotRateLimit } from '../contracts/tenant-snapshot.ts';

type Fields = Pick<SnapshotRateLimit, 'windowSeconds' | 'maxRequests' | 'maxTokens' | 'maxConcurrent'> & {
  readonly name: string | null;
};

/** Windows that have a name of their own, longest first. */
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** What a rate limit is called: its name, or what it says, as in "100 requests per minute, 8 at once". */
export function nameRateLimit({ name, windowSeconds, maxRequests, maxTokens, maxConcurrent }: Fields): string {
  if (name !== null) return name;
  const counted = [
    ...(maxRequests === null ? [] : [`${grouped(maxRequests)} requests`]),
    ...(maxTokens === null ? [] : [`${grouped(maxTokens)} tokens`]),
  ].join(' and ');
  return [
    ...(counted ? [`${counted} per ${nameWindow(windowSeconds)}`] : []),
    ...(maxConcurrent === null ? [] : [`${grouped(maxConcurrent)} at once`]),
  ].join(', ');
}

function nameWindow(seconds: number): string {
  for (const [unit, length] of UNITS) {
    if (seconds === length) return unit;
    if (seconds % length === 0) return `${grouped(seconds / length)} ${unit}s`;
  }
  return `${seconds} seconds`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
