import { describe, expect, it } from 'vitest';
import { CONFIGS, ENVIRONMENTS, type Environment, parseConfig } from './wrangler-configs.ts';

/** Figure F9: in one environment, every queue is consumed, and what its consumer gives up goes where it is consumed too. */
function violations(scripts: readonly Environment[]): string[] {
  const producers = scripts.flatMap(({ queues }) => queues.producers);
  const consumers = scripts.flatMap(({ queues }) => queues.consumers);
  const consumed = consumers.map(({ queue }) => queue);
  const deadLetterQueues = consumers.flatMap(({ dead_letter_queue }) => dead_letter_queue ?? []);
  const unconsumed = [...producers.map(({ queue }) => queue), ...deadLetterQueues].filter((x) => !consumed.includes(x));
  const unsafe = consumers.filter((each) => !each.dead_letter_queue && !deadLetterQueues.includes(each.queue));
  return [
    ...unconsumed.map((queue) => `${queue} has no consumer`),
    ...unsafe.map(({ queue }) => `${queue} has no dead-letter queue`),
  ];
}

describe('F9: queues', () => {
  const scripts = Object.values(CONFIGS);

  it('are consumed and have a consumed dead-letter queue, locally', () => {
    expect(scripts.flatMap(({ queues }) => queues.producers)).not.toEqual([]);
    expect(violations(scripts)).toEqual([]);
  });

  it.each(ENVIRONMENTS)('are consumed and have a consumed dead-letter queue, in %s', (name) => {
    expect(violations(scripts.flatMap(({ env }) => env[name] ?? []))).toEqual([]);
  });

  it.each([
    ['jobs has no consumer', 'queues.producers = [{ queue = "jobs" }]'],
    ['jobs has no dead-letter queue', 'queues.consumers = [{ queue = "jobs" }]'],
    ['jobs-dlq-us has no consumer', 'queues.consumers = [{ queue = "jobs", dead_letter_queue = "jobs-dlq-us" }]'],
  ])('are found out: %s', (violation, toml) => {
    expect(violations([parseConfig(`compatibility_date = "2026-01-01"\n${toml}`)])).toEqual([violation]);
  });

  it('are found out when a dead-letter queue is consumed in another jurisdiction only', () => {
    const toml = `compatibility_date = "2026-01-01"
      env.eu.queues.consumers = [{ queue = "jobs-eu", dead_letter_queue = "jobs-dlq-us" }]
      env.us.queues.consumers = [{ queue = "jobs-dlq-us" }]`;
    const { env } = parseConfig(toml);
    expect(violations(env.eu ? [env.eu] : [])).toEqual(['jobs-dlq-us has no consumer']);
    expect(violations(env.us ? [env.us] : [])).toEqual(['jobs-dlq-us has no dead-letter queue']);
  });
});
