import type { EventFacts, EventFamily, EventFilter, EventToTell } from '../../contracts/events.ts';

/** What of an event it is chosen by. */
export function factsOf({ type, environmentId, apiKeyId, data }: EventToTell): EventFacts {
  const family = type.slice(0, type.indexOf('.')) as EventFamily; // each type begins with the name of one
  return { family, environmentId, apiKeyId, taskId: 'taskId' in data ? data.taskId : null };
}

/** If any of some filters wants an event. Without a filter nothing is wanted. */
export function isWanted(facts: EventFacts, filters: Iterable<EventFilter>): boolean {
  for (const { types, environmentId, taskId, apiKeyId } of filters) {
    if (types && !types.includes(facts.family)) continue;
    if (environmentId !== undefined && environmentId !== facts.environmentId) continue;
    if (taskId !== undefined && taskId !== facts.taskId) continue;
    if (apiKeyId === undefined || apiKeyId === facts.apiKeyId) return true;
  }
  return false;
}

/** The same for the same choice: what many readers want alike is written for them once. */
export function filterKey(filters: Readonly<Record<string, EventFilter>>): string {
  const texts = Object.values(filters).map(({ types, environmentId = '', taskId = '', apiKeyId = '' }) =>
    [types?.toSorted().join('+') ?? '', environmentId, taskId, apiKeyId].join(' '),
  );
  return [...new Set(texts)].toSorted().join('|');
}

/** A choice within the one environment that somebody may see; null where it is of another. */
export function confine(filter: EventFilter, within: string | null): EventFilter | null {
  if (within === null) return filter;
  const { environmentId = within } = filter;
  return environmentId === within ? { ...filter, environmentId } : null;
}

/** What every event is about: the topic of filters that name nothing. */
const ANYTHING = 'anything';

/** What an event must be about for a filter to want it: the rarest of what it names, so that few others share it. */
export function topicOf({ environmentId, apiKeyId, taskId }: EventFilter): string {
  if (taskId !== undefined) return `task ${taskId}`;
  if (apiKeyId !== undefined) return `key ${apiKeyId}`;
  return environmentId === undefined ? ANYTHING : `environment ${environmentId}`;
}

/** All that an event is about. A filter with another topic does not want it. */
export function topicsOf({ environmentId, apiKeyId, taskId }: EventFacts): string[] {
  return [ANYTHING, `environment ${environmentId}`, `key ${apiKeyId}`, `task ${taskId}`];
}
