import { HOLD_RENEWAL_MS } from '../constants.ts';
import { keepHeld } from './keep-held.ts';
import type { PipelineInput } from './pipeline-input.ts';

interface Watch {
  /** How long the call may take: kept to the nearest renewal of its hold. */
  readonly timeoutMs: number;
  /** Called when the call has taken as long as it may. */
  readonly giveUp: (reason: DOMException) => void;
  /** What else is to be looked at now and then. */
  readonly look?: () => void;
}

/** Watches over a running call, with one timer for all that there is to watch. Answers what ends the watch. */
export function watchCall(input: PipelineInput, { timeoutMs, giveUp, look }: Watch): () => void {
  const { now } = input.ports;
  const until = now() + timeoutMs - HOLD_RENEWAL_MS / 2;
  const timer = setInterval(() => {
    input.pulse.seenAt = now();
    void keepHeld(input);
    if (now() >= until) giveUp(new DOMException('the provider took too long', 'TimeoutError'));
    else look?.();
  }, HOLD_RENEWAL_MS);
  return () => clearInterval(timer);
}
