import type { LedgerEvent } from '../contracts/queues.ts';
import type { Database } from '../db/client.ts';
import { recordAccessDenials } from './record-access-denials.ts';
import { recordOpenings } from './record-openings.ts';
import { recordRequests } from './record-requests.ts';
import { recordTaskChanges } from './record-task-changes.ts';
import { recordTasks } from './record-tasks.ts';
import { recordThresholdEvents } from './record-threshold-events.ts';

/**
 * Writes a tenant's events, of every type. Any number of times and in any order leaves the same rows. Rejects with the
 * database's error; some of the events may then have been written, which recording all of them again completes.
 */
export async function recordLedgerEvents(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly events: readonly LedgerEvent[];
}): Promise<void> {
  const { db, tenantId, events } = input;
  const requests = events.filter((event) => event.type === 'request.recorded');
  const thresholds = events.filter((event) => event.type === 'budget.threshold_reached');
  const openings = events.filter((event) => event.type === 'secret.opened');
  const denials = events.filter((event) => event.type === 'access.denied');
  await recordRequests({ db, tenantId, events: requests });
  await recordThresholdEvents({ db, tenantId, events: thresholds });
  await recordOpenings({ db, tenantId, events: openings });
  await recordAccessDenials({ db, tenantId, events: denials });
  await recordTasks({ db, tenantId, events: events.filter((event) => event.type === 'task.recorded') });
  await recordTaskChanges({ db, tenantId, events: events.filter((event) => event.type === 'task.changed') });
}
