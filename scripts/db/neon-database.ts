import { createDatabase, type Database } from '../../shared/db/client.ts';
import { databaseMessage } from '../../shared/db/database-message.ts';
import { startNeonBridge } from '../dev/neon-bridge.ts';

/**
 * Runs `work` with the Workers' own kind of database on any PostgreSQL, so that operators' commands run the services that
 * the Workers run. One at a time in a process. Each query is given up after five seconds, as in a
 * Worker. Rejects with what the database said.
 */
export async function withNeonDatabase<T>(databaseUrl: string, work: (db: Database) => Promise<T>): Promise<T> {
  const bridge = await startNeonBridge({ port: 0, postgresUrl: databaseUrl, maxConnections: 1 });
  try {
    return await work(createDatabase({ databaseUrl, neonEndpoint: `http://127.0.0.1:${bridge.port}` }));
  } catch (error) {
    throw new Error(databaseMessage(error), { cause: error });
  } finally {
    await bridge.close();
  }
}
