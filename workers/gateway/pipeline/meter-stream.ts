import type { StreamPart } from '../../../shared/providers/contract.ts';
import type { EventWriter } from './event-writer.ts';
import { canceled, failed, finished, forbidden, isOverHold, overHold, type StreamEnd } from './stream-end.ts';
import type { StreamRun } from './stream-run.ts';

/** A client that is written to while a stream is metered. */
export interface Reader<Group> {
  readonly writer: EventWriter;
  /** What of a group the client is to read; empty where that is nothing. */
  textOf(group: Group): string;
}

/** Takes in groups of parts until one of them, the hold, a silent provider, or the client ends the stream. */
export async function meterStream<Group>(
  run: StreamRun,
  groups: AsyncIterable<Group>,
  partsOf: (group: Group) => readonly StreamPart[],
  reader?: Reader<Group>,
): Promise<StreamEnd> {
  const { input, plan, answer } = run;
  run.heard();
  try {
    for await (const group of groups) {
      run.heard();
      const parts = partsOf(group);
      for (const part of parts) answer.accept(part);
      reader?.writer.write(reader.textOf(group));
      if (reader?.writer.isBehind) await reader.writer.caughtUp();
      const last = parts.at(-1);
      if (last?.type === 'finish') return finished(plan, answer);
      if (last?.type === 'stream-error' && run.isForbidden()) return forbidden(plan, answer);
      if (last?.type === 'stream-error')
        return run.hasLeft() ? canceled(plan, answer) : failed(input, plan, answer, last);
      if (isOverHold(plan, answer)) return overHold(plan, answer);
      run.heard();
    }
  } catch (error) {
    if (!run.hasLeft()) input.logger.warn('stream.not_written', { error });
  }
  return run.isForbidden() ? forbidden(plan, answer) : canceled(plan, answer);
}
