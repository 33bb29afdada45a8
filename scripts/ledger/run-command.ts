import type { StatementRunner } from '../../shared/db/statement-runner.ts';
import { runOnDatabase } from '../db/cli.ts';
import { withClient } from '../db/connection.ts';
import { statementsOn } from './statements-on.ts';

/** An operator's command: what it reads from the command line, and what it then does. Answers the exit code. */
export interface LedgerCommand {
  readonly help: string;
  /** Throws what is wrong with the command line. `help`: it asks for the text. */
  read(
    args: readonly string[],
  ): 'help' | ((statements: StatementRunner, print: (line: string) => void) => Promise<number>);
}

/** Runs a command on DATABASE_URL. The exit code is the command's, or 2 when it could not be run. */
export async function runCommand(command: LedgerCommand): Promise<void> {
  let code = 2;
  try {
    const run = command.read(process.argv.slice(2));
    if (run === 'help') {
      console.log(command.help);
      code = 0;
    } else {
      await runOnDatabase((databaseUrl) =>
        withClient(databaseUrl, async (client) => {
          code = await run(statementsOn(client), console.log);
        }),
      );
    }
  } catch (error) {
    console.error((error as Error).message);
  }
  process.exitCode = code;
}
