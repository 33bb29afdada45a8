import type { AnchorStore } from '../../shared/services/anchor-store.ts';

/** Digits of the largest size, so that keys are in the order of sizes. */
const SIZE_DIGITS = 16;

/**
 * Anchors as objects of a bucket, `<tenant>/<size>`. That nobody else removes or replaces one is for the bucket's lock to
 * see to: docs/runbooks/audit.md.
 */
export function anchorsIn(bucket: R2Bucket): AnchorStore {
  const keyOf = (tenantId: string, size: number) => `${tenantId}/${String(size).padStart(SIZE_DIGITS, '0')}`;
  const read = async (key: string) => (await bucket.get(key))?.text() ?? null;
  return {
    async put(tenantId, size, note) {
      const key = keyOf(tenantId, size);
      await bucket.put(key, note, { onlyIf: new Headers({ 'if-none-match': '*' }) });
      const stored = await read(key);
      if (stored === null) throw new Error('the checkpoint is not where it was stored');
      return stored;
    },
    async latest(tenantId, size) {
      // Behind the size before, since a listing leaves out the key that it starts after.
      let after = keyOf(tenantId, Math.max(size - 1, 0));
      for (let last: string | null = null; ; ) {
        const { objects, truncated } = await bucket.list({ prefix: `${tenantId}/`, startAfter: after });
        last = objects.at(-1)?.key ?? last;
        if (!truncated || last === null) return last === null ? null : await read(last);
        after = last;
      }
    },
  };
}
