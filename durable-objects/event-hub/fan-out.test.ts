import { expect, it } from 'vitest';
import type { RelayedEvents, RelayReply } from '../../shared/contracts/events.ts';
import { readPage } from '../../test/harness/played-readers.ts';
import { FanOut } from './fan-out.ts';

/** A root with one shard, whose answers are the test's. */
function play() {
  const log = ['one', 'two'];
  const calls: RelayedEvents[] = [];
  const answers: PromiseWithResolvers<RelayReply>[] = [];
  const left: number[] = [];
  const fanOut = new FanOut({
    shards: [],
    relay: (_shard, events) => {
      calls.push(events);
      const answer = Promise.withResolvers<RelayReply>();
      answers.push(answer);
      return answer.promise;
    },
    read: (after) => readPage(log, after),
    configVersion: () => 1,
    onLeft: (shard) => left.push(shard),
    onFailure: () => {},
  });
  const answer = async (reply: RelayReply) => {
    answers.shift()?.resolve(reply);
    await new Promise(setImmediate);
  };
  return { fanOut, log, calls, left, answer };
}

it('sends a shard one call at a time, from what the shard says it has', async () => {
  const { fanOut, log, calls, answer } = play();
  fanOut.join(1, 0);
  fanOut.send();
  log.push('three');
  fanOut.send();
  expect(calls.map(({ first, events }) => [first, events])).toEqual([[1, ['one', 'two']]]);
  await answer({ through: 1, sockets: 1 });
  expect(calls.slice(1).map(({ first, events }) => [first, events])).toEqual([[2, ['two', 'three']]]);
});

it('leaves a shard that has no reader any more', async () => {
  const { fanOut, left, answer } = play();
  fanOut.join(1, 0);
  fanOut.send();
  await answer({ through: 2, sockets: 0 });
  expect([fanOut.size, left]).toEqual([0, [1]]);
});

it('keeps a shard that has a reader again before its answer that it has none arrives', async () => {
  const { fanOut, log, calls, left, answer } = play();
  fanOut.join(1, 0);
  fanOut.send();
  fanOut.join(1, 2);
  await answer({ through: 2, sockets: 0 });
  expect([fanOut.size, left]).toEqual([1, []]);
  log.push('three');
  fanOut.send();
  expect(calls.at(-1)?.events).toEqual(['three']);
});
