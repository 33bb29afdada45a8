import { runOnDatabase } from './cli.ts';
import { withClient } from './connection.ts';
import { migrate } from './migrate.ts';
import { deploymentDays, ensurePartitions } from './partitions.ts';
import { seedCatalogue } from './seed.ts';

await runOnDatabase(async (databaseUrl) => {
  const { APP_DATABASE_PASSWORD: appPassword, LEDGER_DATABASE_PASSWORD: ledgerPassword } = process.env;
  const applied = await migrate({
    databaseUrl,
    ...(appPassword && { appPassword }),
    ...(ledgerPassword && { ledgerPassword }),
  });
  for (const name of applied) console.log(`applied ${name}`);
  if (applied.length === 0) console.log('no migration to apply');
  await withClient(databaseUrl, async (client) => {
    const { priceVersion, addedPrices } = await seedCatalogue(client);
    console.log(`${addedPrices ? 'added' : 'kept'} price version ${priceVersion}`);
    const { made, dropped } = await ensurePartitions(client, deploymentDays());
    console.log(`made ${made.length} and dropped ${dropped.length} partitions of requests`);
  });
});
