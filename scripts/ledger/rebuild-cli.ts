import { REBUILD } from './rebuild.ts';
import { runCommand } from './run-command.ts';

await runCommand(REBUILD);
