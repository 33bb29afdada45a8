import { type EventReaders, type ReadersAsked, type ReadersSeen, startEventReaders } from './children.ts';
import { mostOpenFiles } from './process-statistics.ts';
import type { WorkerdProcess } from './workerd-process.ts';

/** Open files that workerd has of each connection, and of everything else. */
const [FILES_PER_SOCKET, OTHER_FILES] = [2, 3_000];

/**
 * Opens sockets to a tenant's events: over TCP as many as the product's process may have files open for, and the rest
 * inside it, through its gateway too.
 */
export async function openReaders(server: WorkerdProcess, asked: ReadersAsked): Promise<EventReaders> {
  const most = Math.floor(((mostOpenFiles() ?? Number.POSITIVE_INFINITY) - OTHER_FILES) / FILES_PER_SOCKET);
  const outside = Math.min(most, asked.sockets);
  const outer = await startEventReaders({ ...asked, sockets: outside });
  if (outside === asked.sockets) return outer;
  const { taskIds } = asked;
  const rest = { ...asked, sockets: asked.sockets - outside, ...(taskIds && { taskIds: taskIds.slice(outside) }) };
  const inner = await openInside(server.urlOf('readers'), rest);
  return {
    look: async () => sumOf(await outer.look(), await inner.look()),
    close: async () => {
      await inner.close();
      await outer.close();
    },
  };
}

/** The same inside the product's process: workers/inner-readers.ts. */
async function openInside(url: string, asked: ReadersAsked): Promise<EventReaders> {
  const leave = new AbortController();
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(asked), signal: leave.signal });
  const opened = await response.body?.getReader().read();
  if (opened?.value === undefined) throw new Error(`readers inside were not opened: ${response.status}`);
  return {
    look: async () => (await (await fetch(url)).json()) as ReadersSeen, // as that Worker writes it
    close: async () => leave.abort(),
  };
}

function sumOf(one: ReadersSeen, other: ReadersSeen): ReadersSeen {
  return {
    deliveries: one.deliveries + other.deliveries,
    gaps: one.gaps + other.gaps,
    doubles: one.doubles + other.doubles,
    unasked: one.unasked + other.unasked,
    closed: one.closed + other.closed,
    latencies: [...one.latencies, ...other.latencies],
  };
}
