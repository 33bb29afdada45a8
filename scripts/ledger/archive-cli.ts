import { ARCHIVE } from './archive.ts';
import { runCommand } from './run-command.ts';

await runCommand(ARCHIVE);
