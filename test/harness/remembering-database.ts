import type { Database } from '../../shared/db/client.ts';

/** As `batch` takes and answers them: whatever the service asks for. */
type Batch = (queries: readonly Prepared[]) => Promise<unknown[]>;

interface Prepared {
  _prepare(): { getQuery(): { readonly sql: string } };
}

/**
 * A played database for bodies that only differ in their values: while `isPlaying`, a transaction of the same statements as
 * one that succeeded before is answered as that was. Any other runs on `db`. Services above it work as always, and what
 * comes of statements that differ is Postgres's own.
 */
export function rememberingDatabase(db: Database, isPlaying: () => boolean): Database {
  const answers = new Map<string, unknown[]>();
  const ask = db.batch.bind(db) as unknown as Batch; // each query is one of drizzle's
  const batch: Batch = async (queries) => {
    const key = queries.map((query) => query._prepare().getQuery().sql).join('\n;\n');
    const known = isPlaying() ? answers.get(key) : undefined;
    const answer = known ?? (await ask(queries));
    answers.set(key, answer);
    return answer;
  };
  return Object.create(db, { batch: { value: batch } }) as Database; // all but `batch` is `db`'s
}
