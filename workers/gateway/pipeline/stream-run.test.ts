import { expect, it } from 'vitest';
import { pipelinePlay } from '../../../test/harness/pipeline-play.ts';
import { routingTenant } from '../../../test/harness/routing-tenant.ts';
import { STREAM_IDLE_MS } from '../constants.ts';
import type { AdmittedPlan } from './admit-request.ts';
import { orchestrateEncoder } from './orchestrate-encoder.ts';
import type { Settlement } from './settlement.ts';
import { StreamRun } from './stream-run.ts';

const NO_PLAN = {} as AdmittedPlan; // a run does not look into it
const NO_SETTLEMENT = {} as Settlement; // likewise

function begin() {
  const client = new AbortController();
  let now = 0;
  const { input } = pipelinePlay({
    ...{ snapshot: routingTenant(), request: { stream: true }, fetch, now: () => now },
    clientSignal: client.signal,
  });
  const run = new StreamRun(input, NO_PLAN, orchestrateEncoder);
  const fallSilent = () => {
    run.heard();
    now += STREAM_IDLE_MS + 1;
    run.lookForSilence();
  };
  return { run, client, fallSilent };
}

it('lets another call follow one that fell silent, and not one whose time is over', () => {
  const { run, fallSilent } = begin();
  fallSilent();
  expect([run.signal.aborted, run.mayGoOn]).toEqual([true, true]);
  run.goOn(NO_SETTLEMENT);
  expect([run.signal.aborted, run.mayGoOn]).toEqual([false, true]);
  run.giveUp(new DOMException('the time is over', 'TimeoutError'));
  expect([run.signal.aborted, run.mayGoOn]).toEqual([true, false]);
  fallSilent();
  expect(run.mayGoOn).toBe(false);
});

it.each([
  ['left', (run: StreamRun) => run.stop(), 'hasLeft'],
  ['may no longer ask', (run: StreamRun) => run.endAccess(), 'isForbidden'],
] as const)('lets nothing follow where the client %s', (_name, end, told) => {
  const { run } = begin();
  end(run);
  expect([run.mayGoOn, run[told]()]).toEqual([false, true]);
});

it('ends the call that follows when the client left while the one before was silent', () => {
  const { run, client, fallSilent } = begin();
  fallSilent();
  client.abort();
  run.goOn(NO_SETTLEMENT);
  expect([run.signal.aborted, run.hasLeft()]).toEqual([true, true]);
});
