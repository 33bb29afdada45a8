import type { Part, Said, Settings, Tool } from '../conversation.ts';
import { type Rules, systemFirst, unsigned, without, withoutDetail } from './rules.ts';
import { closed, toldOnly } from './schemas.ts';

const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];

/** What Anthropic cannot be told. */
export const anthropicRules: Rules = ({ said, settings }, lost) => ({
  said: systemFirst(said, lost).flatMap((thing) => keep(thing, lost)),
  settings: keepSettings(settings, lost),
});

function keep(thing: Said, lost: Set<string>): Said[] {
  switch (thing.by) {
    case 'user':
      return keepPart(thing.part, lost).map((part) => ({ by: 'user', part }));
    case 'thought':
      if (thing.signature !== undefined) return [thing];
      lost.add('reasoning without a signature was ignored');
      return [];
    case 'call':
      return [unsigned(thing)];
    case 'tool':
      return [{ ...thing, content: thing.content.flatMap((part) => keepPart(part, lost)) }];
    default:
      return [thing];
  }
}

function keepPart(part: Part, lost: Set<string>): Part[] {
  if (part.kind === 'text') return [part];
  const kept = part.kind === 'image' ? withoutDetail(part, lost) : part;
  if ('url' in part.media) return [kept];
  const { bytes, type = 'unknown' } = part.media;
  if (part.kind === 'image' ? IMAGE_TYPES.includes(type) : type === 'application/pdf') return [kept];
  // What kind of text a text is, its content and its name tell.
  if (part.kind === 'file' && type.startsWith('text/')) return [{ ...part, media: { bytes, type: 'text/plain' } }];
  lost.add(`${part.kind === 'image' ? 'an image' : 'a file'} of type ${type} was ignored`);
  return [];
}

function keepSettings(settings: Settings, lost: Set<string>): Settings {
  const kept = without(
    settings,
    {
      ...{ temperature: 'temperature', topP: 'topP', topK: 'topK', seed: 'seed' },
      ...{ frequencyPenalty: 'frequencyPenalty', presencePenalty: 'presencePenalty' },
    },
    lost,
  );
  const { tools, format, choice, parallel, effort, ...rest } = kept;
  const isSerial = parallel === false && choice !== 'none';
  const asked = choice ?? (tools && isSerial ? 'auto' : undefined);
  return {
    ...rest,
    ...keepEffort(effort, tools !== undefined && choice !== undefined && choice !== 'auto' && choice !== 'none', lost),
    ...(tools && { tools: tools.map((tool) => keepTool(tool, lost)) }),
    ...(asked && { choice: asked }),
    ...(isSerial && { parallel }),
    ...keepFormat(format, lost),
  };
}

/** A model does not think before a call that is forced. */
function keepEffort(effort: Settings['effort'], isCallForced: boolean, lost: Set<string>): Settings {
  if (!effort) return {};
  if (!isCallForced || effort === 'none') return { effort };
  lost.add('reasoningEffort was ignored');
  return { effort: 'none' };
}

function keepTool(tool: Tool, lost: Set<string>): Tool {
  if (!tool.strict) return tool;
  for (const phrase of toldOnly(tool.schema)) lost.add(phrase);
  return { ...tool, schema: closed(tool.schema) };
}

/** A schema always binds. Its name only labels it. */
function keepFormat(format: Settings['format'], lost: Set<string>): Settings {
  if (!format) return {};
  if (format.schema === undefined) {
    lost.add('responseFormat json without a schema was ignored');
    return {};
  }
  if (format.description) lost.add('description of a responseFormat was ignored');
  for (const phrase of toldOnly(format.schema)) lost.add(phrase);
  return { format: { schema: closed(format.schema) } };
}
