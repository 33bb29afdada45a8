/** What objects did. */
export interface GateTally {
  holds: number;
  syncs: number;
  alarms: number;
  confirms: number;
  /** Calls of the hubs that keep the tenants' events. */
  takes: number;
  rowsRead: number;
  rowsWritten: number;
  messages: number;
  messageBytes: number;
  /** Messages' operations, of which one is for each 64 KB. */
  messageChunks: number;
  /** Events in messages. */
  events: number;
}

export function newTally(): GateTally {
  return {
    ...{ holds: 0, syncs: 0, alarms: 0, confirms: 0, takes: 0, rowsRead: 0, rowsWritten: 0 },
    ...{ messages: 0, messageBytes: 0, messageChunks: 0, events: 0 },
  };
}

/** What was done between two readings, for each second of the time between. */
export function perSecond(before: GateTally, after: GateTally, seconds: number): GateTally {
  const each = (name: keyof GateTally) => (after[name] - before[name]) / seconds;
  return {
    ...{
      holds: each('holds'),
      syncs: each('syncs'),
      alarms: each('alarms'),
      confirms: each('confirms'),
      takes: each('takes'),
    },
    ...{ rowsRead: each('rowsRead'), rowsWritten: each('rowsWritten'), events: each('events') },
    ...{ messages: each('messages'), messageBytes: each('messageBytes'), messageChunks: each('messageChunks') },
  };
}
