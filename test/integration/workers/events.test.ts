import { describe, expect, it } from 'vitest';
import { EventsReader } from '../../harness/events-reader.ts';
import { eventually } from '../../harness/eventually.ts';
import { mintTenant, testEnv } from '../../harness/mint-tenant.ts';
import { done } from '../../harness/send.ts';

const SCOPES = ['orchestrate:invoke', 'tasks:read', 'tasks:write', 'events:read'];
const ASK = { input: 'a secret question', providerPreferences: [{ provider: 'openai', model: 'gpt-4o-mini' }] };

describe('events', () => {
  it('tell of a request from its beginning to its end, with what it cost and nothing of what was said', async () => {
    const tenant = await mintTenant({ scopes: SCOPES });
    const reader = await EventsReader.open(tenant.headers);
    const answer = await done<{ requestId: string; costUsd: number }>(tenant.headers, 'POST', '/v1/orchestrate', {
      ...ASK,
      metadata: { feature: 'greeting' },
    });
    const [started, completed] = await reader.take(2);
    const { tenantId, environmentId, apiKeyId } = tenant;
    expect([started?.sequence, completed?.sequence]).toEqual([1, 2]);
    expect(started).toMatchObject({ type: 'request.started', tenantId, environmentId, apiKeyId });
    expect(completed).toMatchObject({
      type: 'request.completed',
      data: { requestId: answer.requestId, status: 'completed', metadata: { feature: 'greeting' } },
    });
    expect(completed?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(completed?.traceId).toBe(started?.traceId);
    expect(completed?.type === 'request.completed' && Number(completed.data.costUsd)).toBe(answer.costUsd);
    expect(JSON.stringify([started, completed])).not.toContain('secret question');
    await reader.leave();
  });

  it('tell of a task and of the request made for it', async () => {
    const tenant = await mintTenant({ scopes: SCOPES, providerUrl: testEnv.PROVIDER_URL });
    const reader = await EventsReader.open(tenant.headers, '?types=task');
    const { id } = await done<{ id: string }>(tenant.headers, 'POST', '/v1/tasks', ASK);
    const events = await reader.take(3);
    expect(events.map(({ type, data }) => [type, 'revision' in data && data.revision])).toEqual([
      ['task.created', 1],
      ['task.updated', 2],
      ['task.updated', 3],
    ]);
    expect(events.at(-1)).toMatchObject({ data: { taskId: id, status: 'succeeded', attempts: 1 } });
    await reader.leave();
    const chosen = async (query: string) => {
      const stream = await EventsReader.open(tenant.headers, `?cursor=0&follow=false&${query}`);
      return (await stream.rest()).map(({ event }) => event).toSorted();
    };
    const all = await eventually(
      () => chosen(`taskId=${id}`),
      ({ length }) => length === 6,
    );
    expect(all).toEqual([
      ...['end', 'request.completed', 'request.started', 'task.created', 'task.updated', 'task.updated'],
    ]);
    expect(await chosen(`apiKeyId=${tenant.apiKeyId}`)).toEqual(all);
    expect(await chosen(`environmentId=${tenant.environmentId}`)).toEqual(all);
    expect(await chosen(`taskId=${id}&types=request`)).toEqual(['end', 'request.completed', 'request.started']);
  });
});
