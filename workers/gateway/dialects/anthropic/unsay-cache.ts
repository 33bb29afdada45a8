import type { Notes } from '../notes.ts';

/** Notes the one cache mark for all of them: only Anthropic has it. */
export function unsayCache(
  notes: Notes,
  { cache_control: mark }: { readonly cache_control?: object | null | undefined },
): void {
  notes.unsay('cache_control', mark);
}
