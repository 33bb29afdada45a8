import { runCommand } from './run-command.ts';
import { VERIFY } from './verify.ts';

await runCommand(VERIFY);
