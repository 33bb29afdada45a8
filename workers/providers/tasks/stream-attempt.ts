import type { TaskCall } from '../../../durable-objects/task-runner/task-runner-base.ts';
import type { OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import {
  type PipelineInput,
  type StreamEncoder,
  type StreamEnding,
  streamEventOf,
  streamRequest,
} from '../../gateway/pipeline/index.ts';

/** An attempt that did not succeed. */
export interface StreamFailure {
  readonly error: DomainError;
  /** The provider had begun to answer. */
  readonly hasBegun: boolean;
}

/**
 * Runs an attempt whose output is streamed: each piece is handed to the runner as it comes. Answers at the stream's end, by
 * when it is priced and about to be settled. What nobody can say the end of is a fault.
 */
export async function streamAttempt(
  input: PipelineInput,
  tell: TaskCall['tell'],
): Promise<Result<OrchestrateResponse, StreamFailure>> {
  const { promise: ended, resolve } = Promise.withResolvers<StreamEnding>();
  const streamed = await streamRequest(input, encoderFor(tell, resolve));
  if (!streamed.ok) return err({ error: streamed.error, hasBegun: false });
  const ending = await Promise.race([ended, drain(streamed.value.events)]);
  if (!ending) throw new Error('a stream ended that did not say how');
  return ending.event === 'completed' ? ok(ending.response) : err({ error: ending.error, hasBegun: true });
}

/** Keeps what it is given and writes nothing: readers of a task's output follow it in the runner. */
function encoderFor(tell: TaskCall['tell'], end: (ending: StreamEnding) => void): StreamEncoder {
  return {
    start({ requestId, provider, model, traceId }) {
      tell({ event: 'started', data: { requestId, provider, model, trace: { traceId } } }, 0);
      return '';
    },
    parts(group) {
      for (const part of group) {
        const event = streamEventOf(part);
        if (event) tell(event, JSON.stringify(event.data).length);
      }
      return '';
    },
    end(ending) {
      end(ending);
      return '';
    },
    failure(error) {
      throw new Error(`no vendor speaks a task's events: ${error.code}`);
    },
  };
}

/** Reads what an encoder that writes nothing leaves: comments that keep a connection alive. */
async function drain(events: ReadableStream<Uint8Array>): Promise<null> {
  const reader = events.getReader();
  while (!(await reader.read()).done) {
    // nobody reads them
  }
  return null;
}
