import type { TenantKeyReply, WrappedTenantKey } from '../../shared/contracts/rpc.ts';

type KeyRow = { id: string | null; kek: string | null; wrapped: string | null };

/**
 * The tenant's one wrapped key. It is kept here and nowhere else: no backup of the database holds it, so that erasing it
 * makes all that it sealed unreadable, restored or not. An erased key leaves a mark, and no other takes its place.
 */
export class TenantKeyStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  read(): TenantKeyReply {
    const [row] = this.#sql.exec<KeyRow>('SELECT id, kek, wrapped FROM tenant_key').toArray();
    if (!row) return { state: 'none' };
    const { id, kek, wrapped } = row;
    return id === null || kek === null || wrapped === null
      ? { state: 'erased' }
      : { state: 'stored', key: { id, kek, wrapped } };
  }

  /** Keeps a first key; answers what is in force. */
  adopt({ id, kek, wrapped }: WrappedTenantKey): TenantKeyReply {
    this.#sql.exec(
      'INSERT INTO tenant_key (only, id, kek, wrapped) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING',
      ...[id, kek, wrapped],
    );
    return this.read();
  }

  /** True when the key was wrapped as `from` and now is as `to`. */
  rewrap(from: WrappedTenantKey, to: WrappedTenantKey): boolean {
    const { rowsWritten } = this.#sql.exec(
      'UPDATE tenant_key SET kek = ?, wrapped = ? WHERE id = ? AND kek = ? AND wrapped = ?',
      ...[to.kek, to.wrapped, from.id, from.kek, from.wrapped],
    );
    return rowsWritten > 0;
  }

  erase(): void {
    this.#sql.exec(
      `INSERT INTO tenant_key (only, id, kek, wrapped) VALUES (1, NULL, NULL, NULL)
       ON CONFLICT DO UPDATE SET id = NULL, kek = NULL, wrapped = NULL`,
    );
  }
}
