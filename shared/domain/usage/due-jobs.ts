export const JOB_KINDS = ['reconcile', 'roll-off', 'verify-archive', 'verify-domains', 'rewrap-keys'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** The hour (UTC) from which on a day's job is due: at night where most tenants are, one after the other. */
const DAILY: readonly { readonly kind: JobKind; readonly hour: number }[] = [
  { kind: 'reconcile', hour: 2 },
  { kind: 'roll-off', hour: 3 },
  { kind: 'verify-domains', hour: 4 },
];

/** The jobs that a time's day (`dueOn`, UTC) has had to have by then. A day whose hour was missed has them later. */
export function dueJobs(now: Date): { readonly kind: JobKind; readonly dueOn: string }[] {
  const dueOn = now.toISOString().slice(0, 10);
  return DAILY.filter(({ hour }) => now.getUTCHours() >= hour).map(({ kind }) => ({ kind, dueOn }));
}
