import type { FinishReason } from '../contract.ts';
import { unifyFinishReason } from '../convert/unify-finish-reason.ts';

const REASONS = { stop: 'stop', length: 'length' } as const;

/** The unified form of `finish_reason`. */
export function mapFinishReason(raw: string | null | undefined): FinishReason {
  return unifyFinishReason(REASONS, raw);
}
