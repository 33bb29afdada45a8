import type { VaultRpc } from '../../../shared/contracts/rpc.ts';
import { keptAnswer } from '../../../shared/crypto/seal-contexts.ts';
import type { KeyScope } from './key-scope.ts';

/** Makes the bytes of an answer unreadable to all but the vault. */
export type Seal = (body: Uint8Array) => Promise<Uint8Array>;

/** How answers of what `effectId` names are sealed: they can hold a key or a token that is shown this once. */
export function sealWith(vault: VaultRpc, scope: KeyScope, effectId: string): Seal {
  return async (body) => {
    const sealed = await vault.seal(keptAnswer(scope, effectId), new TextDecoder().decode(body));
    return new TextEncoder().encode(sealed);
  };
}

/** Opens a sealed answer. Throws when the vault refuses, which means that it was changed or moved. */
export async function openSealed(
  vault: VaultRpc,
  scope: KeyScope,
  effectId: string,
  body: Uint8Array,
): Promise<Uint8Array> {
  const opened = await vault.open(keptAnswer(scope, effectId), new TextDecoder().decode(body));
  if (!opened.ok) throw new Error(`a kept answer cannot be opened: ${opened.error.reason}`);
  return new TextEncoder().encode(opened.value);
}
