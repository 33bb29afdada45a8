import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { type DevFile, dataFolder, orchestrate, query, startProduct } from '../harness/product.ts';

const LEDGER_LIMIT_MS = 30_000;

interface RequestRow {
  id: string;
  status: string;
  provider: string;
  model: string;
  input_token_count: string;
  output_token_count: string;
  cost_usd: string;
  latency_ms: string;
}

async function rowsWith({ databaseUrl }: DevFile, ids: readonly string[]): Promise<RequestRow[]> {
  return await query<RequestRow>(databaseUrl, 'select * from requests where id = any($1::uuid[])', [ids]);
}

const recorded = (dev: DevFile, ids: readonly string[]) =>
  eventually(
    () => rowsWith(dev, ids),
    (rows) => rows.length >= ids.length,
    LEDGER_LIMIT_MS,
  );

async function requestIds(dev: DevFile, count: number): Promise<string[]> {
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const response = await orchestrate(dev, { input: `request ${index}` });
      expect(response.status).toBe(200);
      return ((await response.json()) as { requestId: string }).requestId;
    }),
  );
}

async function countedRequests({ baseUrl, adminToken, tenantId }: DevFile): Promise<number> {
  const headers = { authorization: `Bearer ${adminToken}`, 'x-tenant-id': tenantId };
  const response = await fetch(`${baseUrl}/v1/metrics/usage?unit=requests`, { headers });
  const { data } = (await response.json()) as { data: { value: number }[] };
  return data.reduce((sum, { value }) => sum + value, 0);
}

/** Processes that were started for a data folder and still run. Linux only: elsewhere there is no /proc to ask. */
function processesOf(directory: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      const isRunning = !/^\S+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      return isRunning &&
        /^\d+$/.test(pid) &&
        (command.includes(directory) || environment.includes(`EUFM_DIR=${directory}`))
        ? [`${pid} ${command}`]
        : [];
    } catch {
      return [];
    }
  });
}

describe('npm start', () => {
  it('serves the pasted curl, keeps its data over a restart, and leaves no process behind', async () => {
    using folder = dataFolder();
    await using first = await startProduct(folder.path);
    expect(statSync(join(folder.path, 'dev.json')).mode & 0o777).toBe(0o600);
    expect(first.output()).toContain('SIMULATED');

    const command = /curl [\s\S]*?'\{[\s\S]*?\}'/.exec(first.output())?.[0] ?? '';
    const answer = JSON.parse(
      execFileSync('bash', ['-c', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    );
    expect(answer).toMatchObject({
      status: 'completed',
      output: { message: { role: 'assistant' }, finishReason: 'stop' },
    });

    const ids = [answer.requestId, ...(await requestIds(first.dev, 100))];
    const rows = await recorded(first.dev, ids);
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(ids));
    expect(
      rows.every((row) => row.status === 'completed' && Number(row.cost_usd) > 0 && Number(row.output_token_count) > 0),
    ).toBe(true);
    expect(
      await eventually(
        () => countedRequests(first.dev),
        (count) => count >= 101,
      ),
    ).toBe(101);

    expect(processesOf(folder.path)).not.toEqual([]);
    expect(await first.end('SIGTERM')).toBe(0);
    expect(
      await eventually(
        async () => processesOf(folder.path),
        (left) => left.length === 0,
      ),
    ).toEqual([]);

    await using second = await startProduct(folder.path);
    expect({ ...second.dev, ...volatile(first.dev) }).toEqual(first.dev);
    expect(await rowsWith(second.dev, ids)).toHaveLength(ids.length);
    expect(await countedRequests(second.dev)).toBe(101);
  });

  it('killed right behind the last of 200 answers, has every one of them after the next start', async () => {
    using folder = dataFolder();
    await using first = await startProduct(folder.path);
    const ids = await requestIds(first.dev, 200);
    await first.end('SIGKILL');
    await using second = await startProduct(folder.path);
    const rows = await recorded(second.dev, ids);
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(ids));
    expect(rows.every(({ status }) => status === 'completed' || status === 'estimated')).toBe(true);
    expect(
      await eventually(
        () => countedRequests(second.dev),
        (count) => count >= 200,
      ),
    ).toBe(200);
  });

  it('runs twice side by side', async () => {
    using one = dataFolder();
    using other = dataFolder();
    await using first = await startProduct(one.path);
    await using second = await startProduct(other.path);
    const [here, there] = [await requestIds(first.dev, 1), await requestIds(second.dev, 1)];
    expect(await recorded(first.dev, here)).toHaveLength(1);
    expect(await rowsWith(first.dev, there)).toHaveLength(0);
  });
});

/** What a new start is free to choose anew. */
function volatile({ baseUrl, adminToken, pid, databaseUrl }: DevFile) {
  return { baseUrl, adminToken, pid, databaseUrl };
}
