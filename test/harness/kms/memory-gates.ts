import type { TenantKeyReply, TenantKeysRpc } from '../../../shared/contracts/rpc.ts';

/** TenantGates in memory, as far as the vault needs them, and the openings that they were told of. */
export function memoryGates() {
  const keys = new Map<string, TenantKeyReply>();
  const openings: string[] = [];
  const gate = (tenantId: string): TenantKeysRpc => {
    const read = (): TenantKeyReply => keys.get(tenantId) ?? { state: 'none' };
    return {
      tenantKey: async () => read(),
      async adoptTenantKey(key) {
        if (read().state === 'none') keys.set(tenantId, { state: 'stored', key });
        return read();
      },
      async rewrapTenantKey(from, to) {
        const current = read();
        if (current.state !== 'stored' || JSON.stringify(current.key) !== JSON.stringify(from)) return false;
        keys.set(tenantId, { state: 'stored', key: to });
        return true;
      },
      async eraseTenantKey() {
        keys.set(tenantId, { state: 'erased' });
      },
      async recordOpening(event) {
        openings.push(event);
      },
    };
  };
  return { gate, keys, openings };
}
