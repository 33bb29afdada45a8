import type { OpenRefusal } from '../../../shared/contracts/rpc.ts';
import type { Result } from '../../../shared/errors/result.ts';

/** Which key it is that is wrapped; it opens for no other. */
export interface WrapContext {
  readonly tenantId: string;
  readonly keyId: string;
}

/** A key of 32 bytes, and how its key-encryption key wraps it. */
export interface WrappedKey {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly wrapped: string;
}

/**
 * One key-encryption key, wherever it is kept. The same context that wrapped is needed to unwrap. Fails closed: refusals
 * are `unavailable` (try again), `key_denied` (the KMS says no) and `tampered_or_moved`. Nothing is cached here.
 */
export interface Kms {
  /** Makes a key and wraps it. */
  generate(context: WrapContext): Promise<Result<WrappedKey, OpenRefusal>>;
  wrap(bytes: Uint8Array<ArrayBuffer>, context: WrapContext): Promise<Result<string, OpenRefusal>>;
  unwrap(wrapped: string, context: WrapContext): Promise<Result<Uint8Array<ArrayBuffer>, OpenRefusal>>;
}

/** Makes a key here and has it wrapped, for a KMS that makes none itself. */
export async function generateHere(kms: Pick<Kms, 'wrap'>, context: WrapContext) {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const wrapped = await kms.wrap(bytes, context);
  return wrapped.ok ? { ok: true as const, value: { bytes, wrapped: wrapped.value } } : wrapped;
}
