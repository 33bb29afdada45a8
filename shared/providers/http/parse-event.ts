import type * as z from 'zod';
import type { ServerSentEvent } from '../contract.ts';

/** Reads the JSON of an event. Throws when it is none, or not of the schema: the driver of the stream makes it a part. */
export function parseEvent<T>(schema: z.ZodType<T>, { data }: ServerSentEvent): T {
  return schema.parse(JSON.parse(data));
}
