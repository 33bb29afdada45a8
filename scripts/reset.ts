import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findHolder } from './dev/lock.ts';
import { readSettings } from './dev/settings.ts';

const { directory } = readSettings(join(import.meta.dirname, '..'));
const holder = findHolder(directory);
if (holder) {
  console.error(`The product runs from ${directory} (process ${holder.pid}, ${holder.url}). Stop it first.`);
  process.exitCode = 1;
} else if (existsSync(directory) && !existsSync(join(directory, 'ports.json'))) {
  console.error(`${directory} was not made by npm start; it is left alone.`);
  process.exitCode = 1;
} else {
  rmSync(directory, { recursive: true, force: true, maxRetries: 10 }); // a killed PostgreSQL may still be writing
  console.log(`${directory} is cleared.`);
}
