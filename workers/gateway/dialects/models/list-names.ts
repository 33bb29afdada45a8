import { isModelAllowed } from '../../../../shared/auth/key-rights.ts';
import type { TenantContext } from '../../../../shared/auth/tenant-context.ts';
import { ownerOf } from '../../../../shared/domain/routing/resolve-model.ts';

/** Something that a request may name as its model. */
export interface NamedModel {
  readonly id: string;
  /** The provider, or `routing-policy`. */
  readonly owner: string;
  readonly contextTokens: number | null;
}

/** Whose names they are. */
type Asker = Pick<TenantContext, 'snapshot' | 'keyUse'>;

/**
 * Every name that a request may give as its model, as far as its key may call it, in a stable order: a model by its own name where that means this one,
 * else behind its provider's; and the routing policies. Models of a compatible server are not known, so none is listed.
 */
export function listNames({ snapshot, keyUse }: Asker): NamedModel[] {
  const isAllowed = (named: { provider: string; model: string }) => !keyUse || isModelAllowed(keyUse.apiKey, named);
  const models = snapshot.models.filter(isAllowed).map(({ provider, model, contextTokens }) => ({
    id: ownerOf(snapshot, model) === provider ? model : `${provider}/${model}`,
    owner: provider,
    contextTokens,
  }));
  const allowed = snapshot.routingPolicies.filter(({ candidates }) => candidates.some(isAllowed));
  const policies = allowed.map(({ name }) => ({ id: name, owner: 'routing-policy', contextTokens: null }));
  return [...models, ...policies];
}

/** The model or policy that `id` names, also by a longer name than its listed one. */
export function findName(asker: Asker, id: string): NamedModel | undefined {
  const names = listNames(asker);
  return names.find((name) => name.id === id) ?? names.find(({ id: short, owner }) => `${owner}/${short}` === id);
}
