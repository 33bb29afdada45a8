import type { ClaimName, KeptAnswer } from '../../shared/contracts/idempotency.ts';
import type { KeyEntry } from '../../shared/domain/idempotency/decide-claim.ts';
import { joinBytes } from '../../shared/platform/join-bytes.ts';

/** Bytes of a body in one row: a row may have two megabytes. https://developers.cloudflare.com/durable-objects/platform/limits/ */
const PART_BYTES = 1024 * 1024;

/** IdempotencyStore's tables. Every method is synchronous; decides nothing. */
export class KeyStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  read(keyHash: string): KeyEntry | null {
    const row = this.#sql.exec<KeyRow>('SELECT * FROM keys WHERE key_hash = ?', keyHash).toArray()[0];
    return row ? toEntry(row) : null;
  }

  /** If it is this run that has the key, and has not answered. */
  isRunning({ keyHash, claimId }: ClaimName): boolean {
    const entry = this.read(keyHash);
    return entry?.claimId === claimId && !entry.isAnswered;
  }

  write(keyHash: string, { fingerprint, claimId, effectId, requestId, claimedAt, deadline }: KeyEntry): void {
    this.remove(keyHash);
    this.#sql.exec(
      'INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, NULL)',
      ...[keyHash, fingerprint, claimId, effectId, requestId, claimedAt, deadline],
    );
  }

  writeRun(keyHash: string, requestId: string, deadline: number): void {
    this.#sql.exec('UPDATE keys SET request_id = ?, deadline = ? WHERE key_hash = ?', requestId, deadline, keyHash);
  }

  endRun(keyHash: string): void {
    this.#sql.exec('UPDATE keys SET deadline = 0 WHERE key_hash = ?', keyHash);
  }

  writeAnswer(keyHash: string, { body, ...answer }: KeptAnswer): void {
    this.#sql.exec('UPDATE keys SET answer = ? WHERE key_hash = ?', JSON.stringify(answer), keyHash);
    for (let start = 0; start < body.byteLength; start += PART_BYTES) {
      const bytes = body.slice(start, start + PART_BYTES).buffer;
      this.#sql.exec('INSERT INTO bodies VALUES (?, ?, ?)', keyHash, start / PART_BYTES, bytes);
    }
  }

  readAnswer(keyHash: string): KeptAnswer {
    const { answer } = this.#sql.exec<{ answer: string }>('SELECT answer FROM keys WHERE key_hash = ?', keyHash).one();
    const parts = this.#sql
      .exec<{ bytes: ArrayBuffer }>('SELECT bytes FROM bodies WHERE key_hash = ? ORDER BY part', keyHash)
      .toArray()
      .map(({ bytes }) => new Uint8Array(bytes));
    return { ...(JSON.parse(answer) as Omit<KeptAnswer, 'body'>), body: joinBytes(parts) };
  }

  remove(keyHash: string): void {
    this.#sql.exec('DELETE FROM bodies WHERE key_hash = ?', keyHash);
    this.#sql.exec('DELETE FROM keys WHERE key_hash = ?', keyHash);
  }

  /** Removes keys that were first used before then. */
  removeOlder(than: number): void {
    const old = 'SELECT key_hash FROM keys WHERE claimed_at < ?';
    this.#sql.exec(`DELETE FROM bodies WHERE key_hash IN (${old})`, than);
    this.#sql.exec('DELETE FROM keys WHERE claimed_at < ?', than);
  }

  /** When the oldest key was first used; null when there is none. */
  oldest(): number | null {
    return this.#sql.exec<{ oldest: number | null }>('SELECT min(claimed_at) AS oldest FROM keys').one().oldest;
  }
}

type KeyRow = {
  fingerprint: string;
  claim_id: string;
  effect_id: string;
  request_id: string;
  claimed_at: number;
  deadline: number;
  answer: string | null;
};

function toEntry(row: KeyRow): KeyEntry {
  const { fingerprint, deadline } = row;
  return {
    ...{ fingerprint, claimId: row.claim_id, effectId: row.effect_id, requestId: row.request_id },
    ...{ claimedAt: row.claimed_at, deadline, isAnswered: row.answer !== null },
  };
}
