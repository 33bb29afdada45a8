import type { Part, Said, Settings } from '../conversation.ts';
import { oneText, type Rules, systemFirst, withoutDetail } from './rules.ts';
import { toldOnly } from './schemas.ts';

/** What Gemini cannot be told, from its third generation on. */
export const googleRules: Rules = ({ said, settings }, lost) => ({
  said: systemFirst(said, lost).map((thing): Said => {
    if (thing.by === 'user') return { ...thing, part: keepPart(thing.part, lost) };
    if (thing.by !== 'tool') return thing;
    return { ...thing, content: [oneText(thing.content), ...thing.content.flatMap((part) => keepMedia(part, lost))] };
  }),
  settings: keepSettings(settings, lost),
});

function keepPart(part: Part, lost: Set<string>): Part {
  if (part.kind === 'image') return withoutDetail(part, lost);
  return part.kind === 'file' ? withoutName(part, lost) : part;
}

/** The API has no place for the name of a file. */
function withoutName({ kind, media, name }: Extract<Part, { kind: 'file' }>, lost: Set<string>): Part {
  if (name !== undefined) lost.add('name of a file was ignored');
  return { kind, media };
}

function keepMedia(part: Part, lost: Set<string>): Part[] {
  if (part.kind === 'text') return [];
  if ('bytes' in part.media) {
    if (part.kind === 'file') return [withoutName(part, lost)];
    if (part.detail !== undefined && part.detail !== 'auto')
      lost.add('detail of an image in a tool result was ignored');
    return [{ kind: 'image', media: part.media }];
  }
  lost.add(`${part.kind === 'image' ? 'an image' : 'a file'} by its URL in a tool result was ignored`);
  return [];
}

function keepSettings({ parallel, effort, tools, choice, format, ...settings }: Settings, lost: Set<string>): Settings {
  if (parallel === false) lost.add('parallelToolCalls false was ignored');
  if (effort === 'none') lost.add('reasoningEffort none became low');
  for (const { schema } of tools ?? []) for (const phrase of toldOnly(schema)) lost.add(phrase);
  if (format?.description) lost.add('description of a responseFormat was ignored');
  if (format) for (const phrase of toldOnly(format.schema)) lost.add(phrase);
  const isStrict = tools?.some(({ strict }) => strict) && (choice === undefined || choice === 'auto');
  const asked = isStrict ? 'auto' : choice;
  return {
    ...settings,
    ...(effort && { effort: effort === 'none' ? 'low' : effort }),
    // One strict tool holds all of them to their schemas, and so does a call that must come.
    ...(tools && {
      tools: tools.map(({ strict: _, ...tool }) => ({ ...tool, ...(isStrict && { strict: true }) })),
    }),
    ...(asked && { choice: asked }),
    // A schema always binds. Its name only labels it.
    ...(format && { format: format.schema === undefined ? {} : { schema: format.schema } }),
  };
}
