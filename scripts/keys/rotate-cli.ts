import { runOnDatabase } from '../db/cli.ts';
import { withClient } from '../db/connection.ts';
import { statementsOn } from '../ledger/statements-on.ts';
import { ROTATE_HELP, readRotation } from './rotate.ts';

process.exitCode = 2;
try {
  const step = readRotation(process.argv.slice(2));
  if (step === 'help') {
    console.log(ROTATE_HELP);
    process.exitCode = 0;
  } else if (step.needsDatabase) {
    await runOnDatabase((databaseUrl) =>
      withClient(databaseUrl, async (client) => {
        process.exitCode = await step.run(statementsOn(client), console.log);
      }),
    );
  } else process.exitCode = step.run(console.log);
} catch (error) {
  console.error((error as Error).message);
}
