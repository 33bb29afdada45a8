import { neon, neonConfig } from '@neondatabase/serverless';
import { drizzle, type NeonHttpDatabase } from 'drizzle-orm/neon-http';

const REQUEST_TIMEOUT_MS = 5_000;

/** Postgres over Neon's HTTP driver: single statements and `batch`, which is one transaction. Nothing is retried. */
export type Database = NeonHttpDatabase;

export interface DatabaseOptions {
  readonly databaseUrl: string;
  /** Origin that serves Neon's protocol; empty or absent: Neon itself. Holds for the whole isolate. */
  readonly neonEndpoint?: string;
}

/** Opens nothing: each query is one HTTPS request, given up after five seconds. */
export function createDatabase({ databaseUrl, neonEndpoint }: DatabaseOptions): Database {
  if (neonEndpoint) neonConfig.fetchEndpoint = `${neonEndpoint}/sql`;
  neonConfig.fetchFunction = (url: string, init: RequestInit) =>
    fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  return drizzle(neon(databaseUrl), { casing: 'snake_case' });
}
