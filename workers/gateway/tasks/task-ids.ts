import { uuidv7 } from 'uuidv7';
import { toHex } from '../../../shared/crypto/bytes.ts';
import type { AppContext } from '../app-context.ts';

/**
 * The id of what a request creates. One with an Idempotency-Key has it from its key, so that a run that takes over from
 * one that was never heard of again creates the same, which is kept once.
 */
export function newId(context: AppContext): string {
  return context.get('claim')?.effectId ?? uuidv7();
}

/** Ids of a batch's tasks, in order: of the batch's time, and the same for the same batch. */
export async function idsOfBatch(batchId: string, count: number): Promise<string[]> {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(batchId), HMAC, false, ['sign']);
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const digest = new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(`${index}`)));
      const text = toHex(digest.subarray(0, 9));
      const variant = '89ab'[(digest[9] ?? 0) % 4];
      return `${batchId.slice(0, 14)}7${text.slice(0, 3)}-${variant}${text.slice(3, 6)}-${text.slice(6, 18)}`;
    }),
  );
}

const HMAC = { name: 'HMAC', hash: 'SHA-256' };
