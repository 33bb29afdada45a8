/**
 * What of a tenant's can be given up: a message to the ledger that it could not record, a task whose attempts are used up,
 * the delivery of a callback.
 */
export const DEAD_LETTER_KINDS = ['message', 'task', 'callback'] as const;
export type DeadLetterKind = (typeof DEAD_LETTER_KINDS)[number];

/** `replaying`: it was asked to be done again, and the ledger has not come to it yet. */
export const DEAD_LETTER_STATUSES = ['open', 'replaying', 'replayed', 'dropped'] as const;
