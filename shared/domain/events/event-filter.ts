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
