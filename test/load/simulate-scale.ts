import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { updateScalePage } from './scale/scale-page.ts';
import { writeScale } from './scale/scale-report.ts';
import { DEFAULT_SCALE, type ScaleOptions, simulate } from './scale/simulation.ts';

const PAGE = join(import.meta.dirname, '../../docs/scale.md');
const NAMES = Object.keys(DEFAULT_SCALE) as (keyof ScaleOptions)[]; // its own

const { values } = parseArgs({
  options: {
    page: { type: 'boolean', default: false },
    ...Object.fromEntries(NAMES.map((name) => [name, { type: 'string' as const }])),
  },
});

function readOptions(): ScaleOptions {
  const given = Object.entries(values).filter(([name]) => name !== 'page');
  const numbers = given.map(([name, text]): [string, number] => {
    const value = Number(text);
    if (!(value >= 0)) throw new Error(`--${name} is not a number of 0 or more: ${text}`);
    return [name, value];
  });
  return { ...DEFAULT_SCALE, ...Object.fromEntries(numbers) };
}

if (values.page) writeFileSync(PAGE, await updateScalePage(readFileSync(PAGE, 'utf8')));
else {
  const options = readOptions();
  process.stdout.write(`${writeScale(options, await simulate(options))}\n`);
}
