/** Connections to a tenant's events at once, by its plan; a plan that is not named has as many as the smallest. */
const MOST_CONNECTIONS: Readonly<Record<string, number>> = {
  starter: 100,
  professional: 1_000,
  enterprise: 10_000,
  enterprise_plus: 50_000,
};

export function mostConnectionsOf(plan: string): number {
  return MOST_CONNECTIONS[plan] ?? 100;
}

/** Longest life of a connection; clients go on with the next one after the last event that they read. */
export const CONNECTION_LIFE_MS = 3_600_000;

/** After how long without an event a connection is ended. */
export const CONNECTION_IDLE_MS = 1_800_000;
