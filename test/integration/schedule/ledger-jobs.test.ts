import { expect, it } from 'vitest';
import { createDatabase } from '../../../shared/db/client.ts';
import { recordRequests } from '../../../shared/services/record-requests.ts';
import { mintTenant, ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { recordedEvent } from '../../harness/request-events.ts';
import { runJob } from '../../harness/run-job.ts';
import { seededRandom } from '../../harness/seeded-random.ts';

const DAY_MS = 86_400_000;

it('requests that a plan no longer keeps are archived in R2 and go, and the archive has what was deleted', async () => {
  const { tenantId, environmentId } = await mintTenant();
  const { LEDGER_DATABASE_URL: databaseUrl, NEON_ENDPOINT: neonEndpoint } = testEnv;
  const random = seededRandom(4);
  const times = [40, 40, 40, 35, 35, 5].map((days) => Date.now() - days * DAY_MS);
  const events = times.map((startedAt, at) =>
    recordedEvent(at, random, { environmentId, startedAt, endedAt: startedAt + 5 }),
  );
  await recordRequests({ db: createDatabase({ databaseUrl, neonEndpoint }), tenantId, events });

  const job = await runJob('roll-off', { tenantId });
  expect(job).toMatchObject({ status: 'succeeded', result: { tenants: 1, requests: 5, hours: 0, entries: 0 } });
  const left = await ownerSql()`select id from requests where tenant_id = ${tenantId}`;
  expect(left).toEqual([{ id: events[5]?.requestId }]);

  const { objects } = await testEnv.ARCHIVE.list({ prefix: `requests/${tenantId}/` });
  const days = [...new Set(times.slice(0, 5).map((time) => new Date(time).toISOString().slice(0, 10)))];
  expect(objects.map(({ key }) => key).toSorted()).toEqual(
    days
      .flatMap((day) =>
        [1, 'manifest'].map((name) => `requests/${tenantId}/${day}/${name}.${name === 1 ? 'ndjson' : 'json'}`),
      )
      .toSorted(),
  );
  for (const day of days) {
    const verified = await runJob('verify-archive', { tenantId, day });
    expect(verified).toMatchObject({ status: 'succeeded', result: { problems: [] } });
  }

  const key = `requests/${tenantId}/${days[0]}/1.ndjson`;
  const [first = ''] = ((await (await testEnv.ARCHIVE.get(key))?.text()) ?? '').split('\n');
  await testEnv.ARCHIVE.put(key, `${first}\n`);
  const control = await runJob('verify-archive', { tenantId, day: days[0] });
  expect(control?.result).toMatchObject({
    problems: expect.arrayContaining([expect.objectContaining({ where: `${key} rows` })]),
  });
});
