import type { TenantSnapshot } from '../../../../shared/contracts/tenant-snapshot.ts';
import { ownerOf } from '../../../../shared/domain/routing/resolve-model.ts';

/** Something that a request may name as its model. */
export interface NamedModel {
  readonly id: string;
  /** The provider, or `routing-policy`. */
  readonly owner: string;
  readonly contextTokens: number | null;
}

/**
 * Every name that a request may give as its model, in a stable order: a model by its own name where that means this one,
 * else behind its provider's; and the routing policies. Models of a compatible server are not known, so none is listed.
 */
export function listNames(snapshot: TenantSnapshot): NamedModel[] {
  const models = snapshot.models.map(({ provider, model, contextTokens }) => ({
    id: ownerOf(snapshot, model) === provider ? model : `${provider}/${model}`,
    owner: provider,
    contextTokens,
  }));
  const policies = snapshot.routingPolicies.map(({ name }) => ({
    id: name,
    owner: 'routing-policy',
    contextTokens: null,
  }));
  return [...models, ...policies];
}

/** The model or policy that `id` names, also by a longer name than its listed one. */
export function findName(snapshot: TenantSnapshot, id: string): NamedModel | undefined {
  const names = listNames(snapshot);
  return names.find((name) => name.id === id) ?? names.find(({ id: short, owner }) => `${owner}/${short}` === id);
}
