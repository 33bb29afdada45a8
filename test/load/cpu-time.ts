import { readFileSync } from 'node:fs';

/** Linux tells times to programs in hundredths of a second, whatever its own clock does. */
const MS_PER_TICK = 10;

/**
 * CPU time of a process so far, its own and the kernel's for it, all threads, in milliseconds. Null where the system has
 * no `/proc` to read it from: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function cpuTimeMs(pid: number): number | null {
  if (process.platform !== 'linux') return null;
  // The second field is the program's name in parentheses, which may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}
