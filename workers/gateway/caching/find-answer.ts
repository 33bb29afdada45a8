import type { CacheUse } from '../../../shared/contracts/queues.ts';
import type { FindReply, ResponseCacheRpc, StoredText } from '../../../shared/contracts/response-cache.ts';
import { CACHE_WAIT_MS, PROVIDER_TIMEOUT_MS, STREAM_TIMEOUT_MS } from '../constants.ts';
import type { AdmittedPlan } from '../pipeline/admit-request.ts';
import type { AnswerKeeper } from '../pipeline/answer-keeper.ts';
import type { PipelineInput } from '../pipeline/pipeline-input.ts';
import { watchCall } from '../pipeline/watch-call.ts';
import { type CacheRules, cacheRulesOf } from './cache-rules.ts';
import { embedQuestion } from './embed-question.ts';
import { type NamedAnswer, nameAnswer } from './name-answer.ts';
import { readAnswer, type StoredAnswer, writeAnswer } from './stored-answer.ts';

/** An answer to give instead of calling anyone, and the plan as of who gave it. */
export interface FoundAnswer {
  readonly kind: 'found';
  readonly plan: AdmittedPlan;
  readonly answer: StoredAnswer;
}

/** There is none: the one that is made is taken here. */
export interface WantedAnswer extends AnswerKeeper {
  readonly kind: 'wanted';
}

/** One request's look at the cache. */
interface Look {
  readonly input: PipelineInput;
  readonly plan: AdmittedPlan;
  readonly rules: CacheRules;
  readonly name: NamedAnswer;
  readonly cache: ResponseCacheRpc;
}

/**
 * Looks for a stored answer, where the request or its routing policy wants that; null where neither does. An answer is
 * only taken of a candidate that could be called right now: what changed since it was stored holds for it too. While
 * another request makes the answer, this one waits. Without the cache, everything goes on as if it were empty.
 */
export async function findAnswer(input: PipelineInput, plan: AdmittedPlan): Promise<FoundAnswer | WantedAnswer | null> {
  const rules = cacheRulesOf(input, plan);
  if (!rules) return null;
  const endWatch = watchCall(input, { timeoutMs: STREAM_TIMEOUT_MS, giveUp: () => {} });
  const found = look(input, plan, rules).finally(endWatch);
  input.waitUntil(found); // a client that leaves must not leave its hold behind
  return await found;
}

async function look(
  input: PipelineInput,
  plan: AdmittedPlan,
  rules: CacheRules,
): Promise<FoundAnswer | WantedAnswer | null> {
  tell(input, { outcome: 'miss' });
  const name = await nameAnswer(input, plan);
  const cache = input.ports.responseCache(input.tenant.tenantId, name.familyHash);
  const wish: Look = { input, plan, rules, name, cache };
  const reply = await findEqual(wish);
  if (!reply) return null;
  if (reply.state === 'stored') return taken(wish, reply, reply.isJoined ? 'joined' : 'exact') ?? wanted(wish, null);
  const meaning = await meaningOf(wish);
  const alike = meaning && (await findAlike(wish, meaning));
  if (!alike) return wanted(wish, meaning);
  await wanted(wish, null).drop();
  return alike;
}

function findEqual({ input, rules, name, cache }: Look): Promise<FindReply | null> {
  const { keyHash, familyHash } = name;
  return failOpen(input, () =>
    cache.find({
      ...{ keyHash, familyHash, makerId: input.requestId, isRefresh: rules.isRefresh },
      makeMs: input.request.stream ? STREAM_TIMEOUT_MS : PROVIDER_TIMEOUT_MS,
      waitMs: CACHE_WAIT_MS,
    }),
  );
}

/** What the request's question means, where its policy takes answers to questions that are alike. */
async function meaningOf({ input, rules, name }: Look): Promise<Uint8Array | null> {
  const { semantic } = rules;
  const { question } = name;
  if (!semantic || question === null) return null;
  return await failOpen(input, () => embedQuestion(input, question, semantic));
}

async function findAlike(look: Look, meaning: Uint8Array): Promise<FoundAnswer | null> {
  const { input, rules, name, cache } = look;
  if (!rules.semantic || rules.isRefresh) return null;
  const { threshold } = rules.semantic;
  const stored = await failOpen(input, () =>
    cache.findAlike({ familyHash: name.familyHash, vector: meaning, threshold }),
  );
  return stored && taken(look, stored, 'alike');
}

/** The stored answer, if it is of one of the plan's candidates. Says so in the request's record. */
function taken(
  { input, plan }: Look,
  { answer: text, storedAt }: StoredText,
  outcome: 'exact' | 'joined' | 'alike',
): FoundAnswer | null {
  const answer = readAnswer(text);
  const giver = [plan, ...plan.alternatives].find(
    ({ candidate: { offer, account } }) =>
      offer.provider === answer?.provider && offer.model === answer.model && account.id === answer.accountId,
  );
  if (!answer || !giver) return null;
  const { inputTokens = 0, outputTokens = 0 } = answer.usage ?? {};
  tell(input, {
    outcome,
    savedPicoUsd: answer.costPicoUsd,
    savedTokens: inputTokens + outputTokens,
    ageMs: Math.max(0, input.ports.now() - storedAt),
  });
  const { session, admitted } = plan;
  return { kind: 'found', answer, plan: { ...giver, session, admitted, route: null, alternatives: [] } };
}

function wanted({ input, rules, name, cache }: Look, vector: Uint8Array | null): WantedAnswer {
  const { keyHash, familyHash } = name;
  const makerId = input.requestId;
  let isEnded = false;
  const end = async (run: () => Promise<unknown>) => {
    if (isEnded) return;
    isEnded = true;
    await failOpen(input, run);
  };
  const drop = () => end(() => cache.release({ keyHash, makerId }));
  return {
    kind: 'wanted',
    drop,
    keep: async (answer, settlement) => {
      const text = settlement.record.errorCode === null ? writeAnswer(settlement.plan, answer, settlement) : null;
      if (text === null) return await drop();
      const ttlMs = rules.ttlSeconds * 1_000;
      await end(() => cache.keep({ keyHash, familyHash, makerId, answer: text, ttlMs, ...(vector && { vector }) }));
    },
  };
}

/** For the answer and the record of the request. */
function tell(input: PipelineInput, use: CacheUse): void {
  input.cacheUse = use;
  input.tellCache(use);
}

/** The cache is a help and no more: its failure is told of, and is no failure of the request. */
async function failOpen<T>(input: PipelineInput, run: () => Promise<T>): Promise<T | null> {
  try {
    return await run();
  } catch (error) {
    input.logger.warn('cache.unavailable', { error });
    return null;
  }
}
