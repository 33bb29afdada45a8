import { runInDurableObject } from 'cloudflare:test';
import { runnerOf, taskRunner } from '../../durable-objects/stubs.ts';
import { RETENTION_MS } from '../../durable-objects/task-runner/constants.ts';
import type { TaskDetail, TaskOrder } from '../../shared/contracts/tasks.ts';
import { newTask } from '../../shared/domain/tasks/new-task.ts';
import { randomHex } from '../../shared/platform/random-hex.ts';
import { type TestTenant, testEnv } from './mint-tenant.ts';

export type Runner = ReturnType<typeof taskRunner>;

/** An answer of OpenAI's to a chat: 11 tokens in, 5 out. */
export const ANSWER = JSON.stringify({
  ...{ id: 'x', object: 'chat.completion', model: 'gpt-4o-mini' },
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 },
});

const CHUNKS = [
  ...['He', 'll', 'o', '.'].map((content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })),
  { choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop' }] },
  { choices: [], usage: { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 } },
];

/** The same answer as it is streamed. */
export const STREAMED_ANSWER = [
  ...CHUNKS.map((chunk) =>
    JSON.stringify({ id: 'x', object: 'chat.completion.chunk', model: 'gpt-4o-mini', ...chunk }),
  ),
  '[DONE]',
]
  .map((data) => `data: ${data}\n\n`)
  .join('');

/** A task of a tenant's key for one of its runners, in a trace of its own, whose next attempts do not wait. */
export function taskOrder(tenant: TestTenant, runner = 0): TaskOrder {
  const taskId = `${crypto.randomUUID().slice(0, -1)}${runner}`;
  const preferences = [{ provider: 'openai', model: 'gpt-4o-mini' }];
  return {
    facts: {
      ...{ taskId, environmentId: tenant.environmentId, permission: 'orchestrate:invoke', taskType: 'chat' },
      ...{ batchId: null, traceState: null, metadata: '{}', inputShown: '"hello"' },
      actor: { kind: 'api_key', apiKeyId: tenant.apiKeyId, address: null },
      traceparent: `00-${randomHex(16)}-${randomHex(8)}-01`,
    },
    state: newTask(
      { ...{ priority: 0, executeAt: null, deadlineAt: null, maxAttempts: 5 }, backoff: { baseMs: 0, capMs: 0 } },
      Date.now(),
    ),
    request: JSON.stringify({ input: 'hello', providerPreferences: preferences }),
  };
}

/** The same for one whose output is streamed. */
export function streamedOrder(tenant: TestTenant, runner = 0): TaskOrder {
  const order = taskOrder(tenant, runner);
  const request = JSON.stringify({ ...JSON.parse(order.request), stream: true });
  return { ...order, request, facts: { ...order.facts, isStreamed: true } };
}

export function runnerFor(tenant: TestTenant, taskId: string): Runner {
  return taskRunner(testEnv, tenant.tenantId, runnerOf(taskId));
}

/** Lets the lease of every attempt run out, as if what ran it had died long ago. The alarm finds out. */
export async function endLeases(runner: Runner): Promise<void> {
  await runInDurableObject(
    runner,
    (_object, { storage }) =>
      storage.sql.exec(
        `UPDATE tasks SET state = json_set(state, '$.leaseUntil', 1), due_at = 1
       WHERE state ->> 'leaseUntil' IS NOT NULL AND due_at < ?`,
        Date.now() + RETENTION_MS,
      ).rowsWritten,
  );
}

/** Lets the time come of every task that waits for it, and wakes its runner. */
export async function bringDue(runner: Runner): Promise<void> {
  await runInDurableObject(
    runner,
    (_object, { storage }) =>
      storage.sql.exec(
        `UPDATE tasks SET state = json_set(state, '$.runAfter', 1), run_after = 1, due_at = 1 WHERE status = 'queued'`,
      ).rowsWritten,
  );
  await runner.run();
}

/** All that a runner has of its tasks, in their order. */
export async function tasksOf(runner: Runner, ids: readonly string[]): Promise<(TaskDetail | null)[]> {
  const tasks: (TaskDetail | null)[] = [];
  for (const id of ids) tasks.push(await runner.get(id));
  return tasks;
}
