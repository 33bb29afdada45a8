import type { Part, Said, Settings } from '../conversation.ts';
import type { Rules } from './rules.ts';

const DEFAULT_LIMIT = 4096;
const NEAREST: Readonly<Record<string, string>> = { minimal: 'low', xhigh: 'high', max: 'high' };

/** What the platform's own form has no word for, wherever the request goes. */
export const platformRules: Rules = ({ said, settings }, lost) => ({
  said: said.map((thing): Said => {
    if (thing.by === 'user') return { ...thing, part: withKnownDetail(thing.part, lost) };
    if (thing.by !== 'tool') return thing;
    return { ...thing, content: thing.content.map((part) => withKnownDetail(part, lost)) };
  }),
  settings: { ...settings, ...limitOf(settings, lost), ...effortOf(settings, lost) },
});

function withKnownDetail(part: Part, lost: Set<string>): Part {
  if (part.kind !== 'image' || part.detail !== 'original') return part;
  lost.add('detail original of an image was taken for high');
  return { ...part, detail: 'high' };
}

/** Without a limit of its own a request would have no most that it can cost. */
function limitOf({ limit }: Settings, lost: Set<string>): Settings {
  if (limit === undefined) lost.add(`was not set: ${DEFAULT_LIMIT} applies`);
  return { limit: limit ?? DEFAULT_LIMIT };
}

function effortOf({ effort }: Settings, lost: Set<string>): Settings {
  const nearest = effort && NEAREST[effort];
  if (!nearest) return {};
  lost.add(`effort ${effort}`);
  return { effort: nearest };
}
