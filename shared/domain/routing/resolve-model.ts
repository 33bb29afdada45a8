import { PROVIDERS, type ProviderName } from '../../contracts/names.ts';
import type { TenantSnapshot } from '../../contracts/tenant-snapshot.ts';
import type { ModelName } from './candidate.ts';
import { oncePerSnapshot } from './once-per-snapshot.ts';

export type ResolvedModel =
  | { readonly kind: 'model'; readonly name: ModelName }
  | { readonly kind: 'policy'; readonly id: string };

/**
 * What a client means by one word: `provider/model`; a model, of the first provider in the order of `PROVIDERS` that has
 * it; or a routing policy, by name or id. Null when it is none of them. A model behind a provider's name is not checked:
 * which ones a compatible server has is known to nobody but it.
 */
export const resolveModel = oncePerSnapshot((snapshot, word): ResolvedModel | null => {
  const policy = snapshot.routingPolicies.find(({ id, name }) => name === word || id === word);
  if (policy) return { kind: 'policy', id: policy.id };
  const slash = word.indexOf('/');
  const provider = PROVIDERS.find((name) => name === word.slice(0, slash));
  if (provider) return { kind: 'model', name: { provider, model: word.slice(slash + 1) } };
  const owner = ownerOf(snapshot, word);
  return owner ? { kind: 'model', name: { provider: owner, model: word } } : null;
});

/** The provider that a bare model name stands for; undefined when none has it. */
export function ownerOf({ models }: TenantSnapshot, model: string): ProviderName | undefined {
  return PROVIDERS.find((provider) => models.some((offer) => offer.provider === provider && offer.model === model));
}

/** Up to five of the tenant's models whose names are most like `word`, best first. */
export function closestModels({ models }: TenantSnapshot, word: string): string[] {
  const wanted = pairsOf(word);
  const scored = models.map(({ model }) => ({ model, score: likeness(wanted, pairsOf(model)) }));
  return scored
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score)
    .slice(0, 5)
    .map(({ model }) => model);
}

function pairsOf(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.slice(1), (character, index) => `${text[index]}${character}`));
}

/** Sørensen–Dice of their pairs of characters: 1 for the same, 0 for nothing in common. */
function likeness(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const shared = [...one].filter((pair) => other.has(pair)).length;
  return (2 * shared) / (one.size + other.size || 1);
}
