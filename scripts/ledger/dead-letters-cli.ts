import { runOnDatabase } from '../db/cli.ts';
import { withNeonDatabase } from '../db/neon-database.ts';
import { DEAD_LETTERS_HELP, type DeadLettersCommand, readDeadLettersCommand, runDeadLetters } from './dead-letters.ts';

const command = readCommand();
if (command === 'help') console.log(DEAD_LETTERS_HELP);
else if (command) {
  await runOnDatabase((databaseUrl) =>
    withNeonDatabase(databaseUrl, async (db) => {
      if (!(await runDeadLetters(db, command, console.log))) process.exitCode = 1;
    }),
  );
}

function readCommand(): DeadLettersCommand | 'help' | undefined {
  try {
    return readDeadLettersCommand(process.argv.slice(2));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
    return undefined;
  }
}
