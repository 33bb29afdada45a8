import { DurableObject } from 'cloudflare:workers';
import { RESPONSE_CACHE_MIGRATIONS } from '../../migrations/durable-objects/response-cache.ts';
import type {
  FindAlikeCommand,
  FindCommand,
  FindReply,
  KeepCommand,
  ResponseCacheRpc,
  StoredText,
} from '../../shared/contracts/response-cache.ts';
import { mostAlike } from '../../shared/domain/caching/most-alike.ts';
import type { StateEnv } from '../env.ts';
import { migrate } from '../runtime/migrate.ts';
import { AnswerStore } from './answer-store.ts';
import { AnswersInMaking } from './answers-in-making.ts';

/** Most questions of one family that are compared: some milliseconds of arithmetic. */
const MOST_COMPARED = 1_000;

/** Least pause between two alarms: what has expired is not found any more, and need not leave at once. */
const SWEEP_PAUSE_MS = 60_000;

/**
 * A share of one tenant's stored answers, in its jurisdiction. A shell of storage and alarm. Whatever it holds can be lost:
 * it is a copy of what was answered, and leaves by itself when its time is over.
 */
export class ResponseCache extends DurableObject<StateEnv> implements ResponseCacheRpc {
  readonly #answers: AnswerStore;
  readonly #making = new AnswersInMaking((ms) => scheduler.wait(ms));
  #hasAlarm = false;

  constructor(context: DurableObjectState, env: StateEnv) {
    super(context, env);
    this.#answers = new AnswerStore(context.storage.sql);
    void context.blockConcurrencyWhile(async () => {
      migrate(context.storage, RESPONSE_CACHE_MIGRATIONS);
      this.#hasAlarm = (await context.storage.getAlarm()) !== null;
    });
  }

  async find({ keyHash, makerId, makeMs, waitMs, isRefresh }: FindCommand): Promise<FindReply> {
    const waitsUntil = Date.now() + waitMs;
    for (let isJoined = false; ; isJoined = true) {
      const now = Date.now();
      const stored = isRefresh && !isJoined ? null : this.#answers.read(keyHash, now);
      if (stored) return { state: 'stored', isJoined, ...stored };
      if (this.#making.begin(keyHash, makerId, now, makeMs)) return { state: 'make' };
      if (now >= waitsUntil) return { state: 'call' };
      await this.#making.ended(keyHash, now, waitsUntil - now);
    }
  }

  async findAlike({ familyHash, vector, threshold }: FindAlikeCommand) {
    const now = Date.now();
    const meanings = this.#answers.meaningsOf(familyHash, now, MOST_COMPARED);
    const found = mostAlike(vector, meanings, threshold);
    const stored: StoredText | null = found && this.#answers.read(found.keyHash, now);
    return found && stored && { ...stored, similarity: found.similarity };
  }

  async keep(command: KeepCommand): Promise<void> {
    const now = Date.now();
    this.#answers.write(command, now, now + command.ttlMs);
    this.#making.end(command.keyHash, command.makerId);
    this.#arm();
  }

  async release({ keyHash, makerId }: { readonly keyHash: string; readonly makerId: string }): Promise<void> {
    this.#making.end(keyHash, makerId);
  }

  async purge(): Promise<void> {
    this.#answers.removeAll();
  }

  override async alarm(): Promise<void> {
    this.#hasAlarm = false;
    this.#answers.removeExpired(Date.now());
    this.#arm();
  }

  /** One alarm for the first that expires; the others wait for the next. */
  #arm(): void {
    const first = this.#hasAlarm ? null : this.#answers.firstExpiry();
    if (first === null) return;
    this.#hasAlarm = true;
    void this.ctx.storage.setAlarm(Math.max(first, Date.now() + SWEEP_PAUSE_MS));
  }
}
