import { runOnDatabase } from './cli.ts';
import { rollback } from './migrate.ts';

const [argument = '1'] = process.argv.slice(2);
const steps = argument === 'all' ? Number.POSITIVE_INFINITY : Number(argument);

await runOnDatabase(async (databaseUrl) => {
  if (!(steps >= 1)) throw new Error(`"${argument}" is neither a number of migrations nor "all"`);
  const undone = await rollback({ databaseUrl, steps });
  for (const name of undone) console.log(`rolled back ${name}`);
  if (undone.length === 0) console.log('no migration to roll back');
});
