import { neon, neonConfig } from '@neondatabase/serverless';
import { drizzle, type NeonHttpDatabase } from 'drizzle-orm/neon-http';

const REQUEST_TIMEOUT_MS = 5_000;

/** Postgres over Neon's HTTP driver: single statements and `batch`, which is one transaction. Nothing is retried. */
export type Database = NeonHttpDatabase;

export interface DatabaseOptions {
  readonly databaseUrl: string;
  /** Origin that serves Neon's protocol; empty or absent: Neon itself. Holds for the whole isolate. */
  readonly neonEndpoint?: string;
  /** After how long a query is given up: five seconds unless said. */
  readonly timeoutMs?: number;
}

/** The driver hands each database's own options to the function that all of them share. */
interface QueryInit extends RequestInit {
  readonly timeoutMs?: number;
}

/** Opens nothing: each query is one HTTPS request. */
export function createDatabase(options: DatabaseOptions): Database {
  const { databaseUrl, neonEndpoint, timeoutMs = REQUEST_TIMEOUT_MS } = options;
  if (neonEndpoint) neonConfig.fetchEndpoint = `${neonEndpoint}/sql`;
  neonConfig.fetchFunction = (url: string, { timeoutMs = REQUEST_TIMEOUT_MS, ...init }: QueryInit) =>
    fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  return drizzle(neon(databaseUrl, { fetchOptions: { timeoutMs } }), { casing: 'snake_case' });
}
