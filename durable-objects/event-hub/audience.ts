import type { EventFacts, EventFilter } from '../../shared/contracts/events.ts';
import { isWanted, topicOf, topicsOf } from '../../shared/domain/events/event-filter.ts';
import type { Connection } from './connection.ts';
import type { PlacedEvent } from './placed-event.ts';

/** Readers that choose alike. */
interface Group {
  readonly filters: readonly EventFilter[];
  readonly members: Set<Connection>;
}

/** Readers by what they choose: what many want alike is written once, and an event costs nothing for those it does not concern. */
export class Audience {
  readonly #groups = new Map<string, Group>();
  readonly #byTopic = new Map<string, Set<Group>>();

  join(connection: Connection): void {
    const known = this.#groups.get(connection.key);
    if (known) {
      known.members.add(connection);
      return;
    }
    const group = { filters: Object.values(connection.reader.filters), members: new Set([connection]) };
    this.#groups.set(connection.key, group);
    for (const topic of group.filters.map(topicOf)) {
      const groups = this.#byTopic.get(topic);
      if (groups) groups.add(group);
      else this.#byTopic.set(topic, new Set([group]));
    }
  }

  /** Before it chooses anew, or when it is gone. */
  leave(connection: Connection): void {
    const group = this.#groups.get(connection.key);
    if (!group?.members.delete(connection) || group.members.size > 0) return;
    this.#groups.delete(connection.key);
    for (const topic of group.filters.map(topicOf)) {
      const groups = this.#byTopic.get(topic);
      groups?.delete(group);
      if (groups?.size === 0) this.#byTopic.delete(topic);
    }
  }

  /** Who wants any of some events, and which of them. */
  wanting(events: readonly PlacedEvent[]): Map<Group, PlacedEvent[]> {
    const wanted = new Map<Group, PlacedEvent[]>();
    if (this.#groups.size === 0) return wanted; // most tenants, most of the time: events need not be read
    for (const event of events) {
      for (const group of this.#concernedBy(event.facts)) {
        if (!isWanted(event.facts, group.filters)) continue;
        const those = wanted.get(group);
        if (those) those.push(event);
        else wanted.set(group, [event]);
      }
    }
    return wanted;
  }

  #concernedBy(facts: EventFacts): Set<Group> {
    return new Set(topicsOf(facts).flatMap((topic) => [...(this.#byTopic.get(topic) ?? [])]));
  }
}
