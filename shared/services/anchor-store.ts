/**
 * Where signed checkpoints are kept outside of the database. Fails closed: what could not be stored throws, and counts as
 * not signed.
 */
export interface AnchorStore {
  /** Stores a note under its tenant and size, unless there is one: that is never replaced. Answers what is there then. */
  put(tenantId: string, size: number, note: string): Promise<string>;
  /** The note of the greatest size that is stored and not smaller than `size`; null when there is none. */
  latest(tenantId: string, size: number): Promise<string | null>;
}
