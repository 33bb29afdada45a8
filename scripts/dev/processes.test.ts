import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { commandLine, endProcess } from './processes.ts';

it('ends a process only when its command line is the expected one', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'eufm-marker']);
  const closed = once(child, 'close');
  const pid = child.pid ?? 0;
  await once(child, 'spawn');

  await endProcess(pid, 'somebody-else', 'SIGTERM', 0);
  expect(commandLine(pid)).toContain('eufm-marker');

  await endProcess(pid, 'eufm-marker', 'SIGTERM', 5_000);
  expect((await closed)[1]).toBe('SIGTERM');
});

it('runs the command of a leash when its holder is killed, and not when it is let go', async () => {
  const holder = `
    const { leash } = await import(${JSON.stringify(new URL('./leash.ts', import.meta.url).href)});
    const letGo = leash('kill -KILL ' + process.argv[1]);
    if (process.argv[2] === 'let-go') await letGo();
    process.kill(process.pid, 'SIGKILL');`;
  const ending = async (...how: string[]) => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const closed = once(child, 'close');
    await once(spawn(process.execPath, ['--input-type=module', '-e', holder, String(child.pid), ...how]), 'close');
    return { child, closed };
  };
  const killed = await ending();
  expect((await killed.closed)[1]).toBe('SIGKILL');

  const spared = await ending('let-go');
  expect(spared.child.kill('SIGTERM')).toBe(true);
  expect((await spared.closed)[1]).toBe('SIGTERM');
});
