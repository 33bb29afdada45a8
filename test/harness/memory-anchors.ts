import type { AnchorStore } from '../../shared/services/anchor-store.ts';

/** Checkpoints outside of the database, in memory. */
export function memoryAnchors(): AnchorStore & { readonly notes: Map<string, Map<number, string>> } {
  const notes = new Map<string, Map<number, string>>();
  return {
    notes,
    async put(tenantId, size, note) {
      const own = notes.get(tenantId) ?? new Map<number, string>();
      notes.set(tenantId, own);
      if (!own.has(size)) own.set(size, note);
      return own.get(size) ?? note;
    },
    async latest(tenantId, size) {
      const sizes = [...(notes.get(tenantId)?.keys() ?? [])].filter((stored) => stored >= size);
      return notes.get(tenantId)?.get(Math.max(...sizes)) ?? null;
    },
  };
}
