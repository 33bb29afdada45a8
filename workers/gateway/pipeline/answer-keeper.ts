import type { Settlement } from './settlement.ts';
import type { TaskAnswer } from './task.ts';

/** Takes the answer of a request for others that want it too; some may wait for it, so one of these must be called. */
export interface AnswerKeeper {
  keep(answer: TaskAnswer, settlement: Settlement): Promise<void>;
  /** There is nothing to keep. After `keep` it does nothing. */
  drop(): Promise<void>;
}
