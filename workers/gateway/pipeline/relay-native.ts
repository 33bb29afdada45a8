import type { NativeStream } from '../../../shared/providers/contract.ts';
import { LEAVING_GRACE_MS } from '../constants.ts';
import { toFailure } from './failure.ts';
import { meterStream } from './meter-stream.ts';
import { PacedReader } from './paced-reader.ts';
import type { StreamEnd } from './stream-end.ts';
import type { StreamRun } from './stream-run.ts';

/** How a stream that went through untouched ended. */
export interface NativeEnd {
  readonly end: StreamEnd;
  /** The client has whole events only, so that another one may follow. */
  readonly isAtBoundary: boolean;
}

/**
 * Pipes the vendor's own stream to the client, every byte at once and none of them through our code, and reads a copy of
 * it at a slow pace for the meter. `writable` stays open: what a stream ends with is decided when its copy has been read.
 * Does not hold a provider back for a client that is slower than it: that is for `NATIVE_MAX_OUTPUT_TOKENS` to bound.
 * A client that leaves may have the whole answer already, so the copy has a moment to tell before the upstream call ends.
 * Does not reject: a fault of ours is a failed end, billed at its estimate.
 */
export async function relayNative(
  run: StreamRun,
  stream: NativeStream,
  writable: WritableStream<Uint8Array>,
): Promise<NativeEnd> {
  run.grantGrace(LEAVING_GRACE_MS);
  const pipe = new AbortController();
  let piped: Promise<void> | undefined;
  const stop = async () => {
    run.stop();
    pipe.abort();
    await piped;
  };
  try {
    const [forClient, copy] = stream.body.tee();
    const bytes = new PacedReader(copy);
    const groups = stream.read(bytes);
    piped = forClient
      .pipeTo(writable, { preventClose: true, preventAbort: true, signal: pipe.signal })
      .catch(run.clientLeft);
    void piped.then(bytes.hurry);
    const end = await meterStream(run, groups, ({ parts }) => parts);
    const isOver = end.event === 'completed' && (await withinGrace(piped));
    if (!isOver) await stop();
    return { end, isAtBoundary: bytes.isAtBoundary };
  } catch (error) {
    run.input.logger.error('stream.fault', { error });
    await stop();
    return { end: { event: 'failed', ...toFailure(error) }, isAtBoundary: piped === undefined };
  }
}

/** If the pipe ends soon. A vendor that leaves its stream open behind the end of it is not waited for. */
async function withinGrace(piped: Promise<void>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), LEAVING_GRACE_MS);
  piped.then(() => resolve(true)).catch(() => {});
  const isOver = await promise;
  clearTimeout(timer);
  return isOver;
}
