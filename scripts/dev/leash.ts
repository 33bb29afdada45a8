import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a shell command when this process ends without having let go, however it ended: a shell in a session of its own
 * waits on a pipe from us, which the kernel closes with us. Answers the way to let go; the shell is gone when it resolves.
 */
export function leash(command: string): () => Promise<void> {
  const shell = spawn('/bin/sh', ['-c', `read -r done || { ${command}; }`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const gone = once(shell, 'close').catch(() => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  return async () => {
    shell.ref();
    shell.stdin.end('done\n');
    await gone;
  };
}
