import { JOBS } from './jobs.ts';
import { runCommand } from './run-command.ts';

await runCommand(JOBS);
