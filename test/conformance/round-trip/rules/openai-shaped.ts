import type { Part, Said, Settings } from '../conversation.ts';
import { oneText, type Rules, systemFirst, unsigned, without } from './rules.ts';
import { isStrictable } from './schemas.ts';

interface Vendor {
  /** What of a file is said; undefined where the vendor cannot read it. */
  readonly file: (part: File, type: string | undefined, lost: Set<string>) => Part | undefined;
  readonly hasThoughts?: boolean;
  readonly isSystemFirst?: boolean;
  readonly settings: (settings: Settings, lost: Set<string>) => Settings;
}
type File = Extract<Part, { kind: 'file' }>;

/** What a vendor of OpenAI's wire format cannot be told. */
function rulesOf(vendor: Vendor): Rules {
  return ({ said, settings }, lost) => {
    const kept = said.flatMap((thing) => keep(thing, vendor, lost));
    return {
      said: vendor.isSystemFirst ? systemFirst(kept, lost) : kept,
      settings: vendor.settings(settings, lost),
    };
  };
}

function keep(thing: Said, { file, hasThoughts }: Vendor, lost: Set<string>): Said[] {
  switch (thing.by) {
    case 'user': {
      const { part } = thing;
      if (part.kind !== 'file') return [thing];
      const type = 'type' in part.media ? part.media.type : undefined;
      const kept = file(part, type, lost);
      if (!kept) lost.add('url' in part.media ? 'a file by its URL was ignored' : `a file of type ${type} was ignored`);
      return kept ? [{ by: 'user', part: kept }] : [];
    }
    case 'thought':
      // A proof is its vendor's own.
      if (hasThoughts && thing.text !== '') return [{ by: 'thought', text: thing.text }];
      lost.add(`reasoning ${hasThoughts ? 'without a text' : 'of an earlier turn'} was ignored`);
      return [];
    case 'call':
      return [unsigned(thing)];
    case 'tool':
      if (thing.isError) lost.add('isError of a tool result was ignored');
      for (const { kind } of thing.content) {
        if (kind !== 'text') lost.add(`${kind === 'image' ? 'an image' : 'a file'} in a tool result was ignored`);
      }
      return [{ ...thing, content: [oneText(thing.content)], isError: false }];
    default:
      return [thing];
  }
}

const SOUNDS = ['audio/wav', 'audio/mpeg'];

const imitator: Vendor = {
  file: ({ media, name }, type, lost) => {
    if ('url' in media) return undefined;
    if (SOUNDS.includes(type ?? '')) {
      if (name !== undefined) lost.add('name of a file was ignored');
      return { kind: 'file', media };
    }
    return type?.startsWith('audio/') ? undefined : { kind: 'file', media, ...(name !== undefined && { name }) };
  },
  settings: (settings, lost) => without(settings, { topK: 'topK' }, lost),
};

/** What speaks as OpenAI does. */
export const openaiCompatibleRules: Rules = rulesOf(imitator);

/** OpenAI itself is held strictly to every schema that it can be held to, unless the client says otherwise. */
export const openaiRules: Rules = rulesOf({
  ...imitator,
  settings: (settings, lost) => {
    const kept = imitator.settings(settings, lost);
    const { schema, strict } = settings.format ?? {};
    if (strict !== undefined || schema === undefined || !isStrictable(schema)) return kept;
    return { ...kept, format: { ...settings.format, strict: true } };
  },
});

export const mistralRules: Rules = rulesOf({
  file: (part, type) => (type?.startsWith('audio/') ? undefined : part),
  hasThoughts: true,
  settings: (settings, lost) => {
    const { effort } = settings;
    const kept = without(settings, { topK: 'topK' }, lost);
    if (effort !== 'low' && effort !== 'medium') return kept;
    lost.add(`reasoningEffort ${effort} was raised to high`);
    return { ...kept, effort: 'high' };
  },
});

export const perplexityRules: Rules = rulesOf({
  file: (part, type) => {
    if (type?.startsWith('audio/')) return undefined;
    // The type of an inline file is not asked for: Perplexity looks at the bytes.
    return { ...part, media: 'bytes' in part.media ? { bytes: part.media.bytes } : part.media };
  },
  isSystemFirst: true,
  settings: ({ format, ...settings }, lost) => {
    const names = { seed: 'seed', tools: 'tools', choice: 'toolChoice', parallel: 'parallelToolCalls' };
    const isUnthinking = settings.effort === 'none';
    const kept = without(settings, { ...names, ...(isUnthinking && { effort: 'reasoningEffort none' }) }, lost);
    return { ...kept, ...(format && { format: { schema: { type: 'object' }, ...format } }) };
  },
});
