import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DAY_MS, YEAR_DAYS } from '../../test/load/seed-load/load-options.ts';
import { seedLoad } from '../../test/load/seed-load/seed-load.ts';
import { readSettings } from '../dev/settings.ts';

const USAGE = `npm run seed:load -- [options]: fills a database with a generated year of requests

  --requests N    how many (10000000)
  --tenants N     of how many tenants, sized by Zipf's law (200)
  --seed N        which of the years (1)
  --until DATE    the first day after the year, UTC (today)
  --database URL  as a superuser (DATABASE_URL, or that of the running npm start)
  --force         also into a database that has requests of other tenants`;

const options = {
  requests: { type: 'string', default: '10000000' },
  tenants: { type: 'string', default: '200' },
  seed: { type: 'string', default: '1' },
  until: { type: 'string', default: new Date().toISOString().slice(0, 10) },
  database: { type: 'string' },
  force: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

try {
  const { values } = parseArgs({ options });
  if (values.help) console.log(USAGE);
  else await run(values);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function run(values: {
  readonly requests: string;
  readonly tenants: string;
  readonly seed: string;
  readonly until: string;
  readonly database?: string;
  readonly force: boolean;
}): Promise<void> {
  const until = Date.parse(`${values.until}T00:00:00Z`);
  if (Number.isNaN(until)) throw new Error(`--until is not a date: ${values.until}`);
  const requests = wholeNumber('requests', values.requests);
  const startedAt = performance.now();
  let told = 0;
  await seedLoad({
    databaseUrl: values.database ?? findDatabase(),
    ...{ requests, until, days: YEAR_DAYS },
    tenants: wholeNumber('tenants', values.tenants),
    seed: wholeNumber('seed', values.seed),
    isForced: values.force,
    report: (progress) => {
      const percent = Math.floor((100 * progress.days) / YEAR_DAYS);
      if (percent === told) return;
      told = percent;
      const day = new Date(until - (YEAR_DAYS - progress.days) * DAY_MS).toISOString().slice(0, 10);
      console.log(`${percent} %: ${progress.requests} requests, to ${day}, ${secondsSince(startedAt)} s`);
    },
  });
  console.log(`done in ${secondsSince(startedAt)} s`);
}

function secondsSince(time: number): number {
  return Math.round((performance.now() - time) / 1000);
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--${name} is not a whole number above 0: ${text}`);
  return number;
}

/** The database that the settings name, or that of the product that runs here. */
function findDatabase(): string {
  const { databaseUrl, directory } = readSettings(join(import.meta.dirname, '../..'));
  if (databaseUrl) return databaseUrl;
  const details = join(directory, 'dev.json');
  if (!existsSync(details)) throw new Error('no database: run npm start beside this, or name one by --database URL');
  return JSON.parse(readFileSync(details, 'utf8')).databaseUrl;
}
