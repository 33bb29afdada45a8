import type { FieldError } from '../../../../shared/errors/domain-error.ts';

/** What the reading of one request finds to say. A warning is said once, however often its cause occurs. */
export interface Notes {
  readonly unsaid: Set<string>;
  readonly unsent: Set<string>;
  readonly warnings: Set<string>;
  /** Any of them refuses the request. */
  readonly faults: FieldError[];
}

/** Nothing to say yet. */
export function createNotes(): Notes {
  return { unsaid: new Set(), unsent: new Set(), warnings: new Set(), faults: [] };
}
