import type { KeepCommand, StoredText } from '../../shared/contracts/response-cache.ts';
import type { Meaning } from '../../shared/domain/caching/most-alike.ts';

/** Most that an object stores, in bytes of its database: a twentieth of what it may. The first to expire leave first. */
const MOST_BYTES = 512 * 1024 * 1024;

/** How many leave at once where there is no room. */
const EVICTED_AT_ONCE = 100;

/** ResponseCache's table. Every method is synchronous; decides nothing. */
export class AnswerStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  read(keyHash: string, now: number): StoredText | null {
    const row = this.#sql
      .exec<AnswerRow>('SELECT answer, stored_at FROM answers WHERE key_hash = ? AND expires_at > ?', keyHash, now)
      .toArray()[0];
    return row ? { answer: row.answer, storedAt: row.stored_at } : null;
  }

  write({ keyHash, familyHash, answer, vector }: KeepCommand, storedAt: number, expiresAt: number): void {
    while (this.#sql.databaseSize > MOST_BYTES && this.#evict() > 0);
    this.#sql.exec(
      'INSERT OR REPLACE INTO answers (key_hash, family_hash, vector, answer, stored_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
      ...[keyHash, familyHash, vector ? vector.slice().buffer : null, answer, storedAt, expiresAt],
    );
  }

  /** What the newest questions of a family mean. */
  meaningsOf(familyHash: string, now: number, most: number): Meaning[] {
    return this.#sql
      .exec<{ key_hash: string; vector: ArrayBuffer }>(
        `SELECT key_hash, vector FROM answers
         WHERE family_hash = ? AND vector IS NOT NULL AND expires_at > ? ORDER BY stored_at DESC LIMIT ?`,
        ...[familyHash, now, most],
      )
      .toArray()
      .map(({ key_hash: keyHash, vector }) => ({ keyHash, vector: new Uint8Array(vector) }));
  }

  removeExpired(now: number): void {
    this.#sql.exec('DELETE FROM answers WHERE expires_at <= ?', now);
  }

  removeAll(): void {
    this.#sql.exec('DELETE FROM answers');
  }

  /** When the first answer expires; null when there is none. */
  firstExpiry(): number | null {
    return this.#sql.exec<{ first: number | null }>('SELECT min(expires_at) AS first FROM answers').one().first;
  }

  #evict(): number {
    return this.#sql.exec(
      'DELETE FROM answers WHERE key_hash IN (SELECT key_hash FROM answers ORDER BY expires_at LIMIT ?)',
      EVICTED_AT_ONCE,
    ).rowsWritten;
  }
}

type AnswerRow = { answer: string; stored_at: number };
