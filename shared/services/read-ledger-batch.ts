import { type LedgerBatch, type LedgerEvent, ledgerBatch, ledgerEvents } from '../contracts/queues.ts';

export type LedgerReading =
  | { readonly ok: true; readonly batch: LedgerBatch; readonly events: readonly LedgerEvent[] }
  /** `batch` is null when not even that could be read. */
  | { readonly ok: false; readonly batch: LedgerBatch | null; readonly reason: string };

/** What the body of a message in the LEDGER queue says. Never throws, whatever it is given. */
export function readLedgerBatch(body: unknown): LedgerReading {
  const parsed = ledgerBatch.safeParse(body);
  if (!parsed.success) return { ok: false, batch: null, reason: parsed.error.message };
  const batch = parsed.data;
  const texts = parseRows(batch);
  if (texts === null) return { ok: false, batch, reason: 'a row is not JSON' };
  const events = ledgerEvents.safeParse(texts);
  return events.success ? { ok: true, batch, events: events.data } : { ok: false, batch, reason: events.error.message };
}

function parseRows({ rows }: LedgerBatch): unknown[] | null {
  try {
    return rows.flatMap(({ events }): unknown => JSON.parse(events));
  } catch {
    return null;
  }
}
