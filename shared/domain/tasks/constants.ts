/** How long whoever runs an attempt may be silent before it is taken for lost. Three heartbeats. */
export const TASK_LEASE_MS = 15_000;

/** Executions that a task may have in all, retries by hand included: they travel with each of its records. */
export const MOST_EXECUTIONS = 50;
