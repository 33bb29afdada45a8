import type { Conversation, Part, Said, Settings } from '../conversation.ts';

/**
 * What is left of a conversation where it is to be said, and in `lost` a phrase of the warning for each thing that is
 * not. What goes without a warning stands in the rules with its reason.
 */
export type Rules = (conversation: Conversation, lost: Set<string>) => Conversation;

/** Drops settings, with a warning for each that is there, by the platform's name of it. */
export function without(
  settings: Settings,
  names: Readonly<Partial<Record<keyof Settings, string>>>,
  lost: Set<string>,
): Settings {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => {
      const entry = Object.entries(names).find(([each]) => each === name);
      if (entry) lost.add(`${entry[1]} was ignored`);
      return !entry;
    }),
  );
}

/** What a system says comes ahead of the conversation. */
export function systemFirst(said: readonly Said[], lost: Set<string>): Said[] {
  const first = said.findIndex(({ by }) => by !== 'system');
  if (first !== -1 && said.slice(first).some(({ by }) => by === 'system')) {
    lost.add('system messages were moved ahead of the conversation');
  }
  return [...said.filter(({ by }) => by === 'system'), ...said.filter(({ by }) => by !== 'system')];
}

/** The texts of a result as one, where the API has room for one only. */
export function oneText(content: readonly Part[]): Part {
  return { kind: 'text', text: content.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n') };
}

/** The proof of a call is its vendor's own: nobody else could read it. */
export function unsigned(thing: Extract<Said, { by: 'call' }>): Said {
  const { signature: _, ...call } = thing;
  return call;
}

/** An image without its detail, where the API has no word for it. `auto` says nothing. */
export function withoutDetail(part: Extract<Part, { kind: 'image' }>, lost: Set<string>): Part {
  const { detail, ...image } = part;
  if (detail !== undefined && detail !== 'auto') lost.add('detail of an image was ignored');
  return image;
}
