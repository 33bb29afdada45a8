import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { WorkerScript } from '../load/workerd-config.ts';

/** A span that workerd handed to its streaming tail Worker, which is how it exports spans. */
const exportedSpan = z.object({
  /** What the invocation that it is a part of was: `fetch`, `jsrpc`, `queue`, `alarm`. */
  invocation: z.string(),
  name: z.string(),
  isEnded: z.boolean(),
  attributes: z.record(z.string(), z.unknown()),
});
export type ExportedSpan = z.infer<typeof exportedSpan>;

const CODE = `
const spans = [];
export default {
  tailStream({ event: onset }) {
    const open = new Map();
    const invocation = onset.info?.type ?? '';
    return ({ event, spanContext }) => {
      if (event.type === 'spanOpen') {
        const span = { invocation, name: event.name, isEnded: false, attributes: {} };
        open.set(event.spanId, span);
        spans.push(span);
      }
      const span = open.get(spanContext.spanId);
      if (event.type === 'spanClose' && span) span.isEnded = true;
      if (event.type !== 'attributes' || !span) return;
      for (const { name, value } of event.info) {
        span.attributes[name] = typeof value === 'bigint' ? Number(value) : value;
      }
    };
  },
  fetch: () => Response.json(spans),
};
`;

/** A streaming tail Worker that keeps the spans that it is told of, and answers them as JSON. */
export function spanRecorder(directory: string): WorkerScript {
  writeFileSync(join(directory, 'span-recorder.js'), CODE);
  return {
    ...{ name: 'span-recorder', module: 'span-recorder.js', compatibilityDate: '2026-10-01', bindings: [] },
    compatibilityFlags: ['streaming_tail_worker', 'experimental'],
  };
}

export async function spansAt(url: string): Promise<ExportedSpan[]> {
  return z.array(exportedSpan).parse(await (await fetch(url)).json());
}
