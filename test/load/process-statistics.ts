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

/** The same of a process and of the children that it has. */
export function familyCpuTimeMs(pid: number): number | null {
  if (process.platform !== 'linux') return null;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return [pid, ...children.map(Number)].reduce((sum, each) => sum + (cpuTimeMs(each) ?? 0), 0);
}

/** Resident memory of a process, in MB; null as above: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
export function memoryInMb(pid: number): number | null {
  if (process.platform !== 'linux') return null;
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
}

/**
 * CPU time of the whole machine so far, all cores, in milliseconds; null as above:
 * https://man7.org/linux/man-pages/man5/proc_stat.5.html
 */
export function machineCpuTimeMs(): number | null {
  if (process.platform !== 'linux') return null;
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] =
    readFileSync('/proc/stat', 'utf8').split('\n')[0]?.split(/ +/).map(Number) ?? [];
  return (user + nice + system + irq + softIrq) * MS_PER_TICK;
}

/** How many files and sockets a process that this one starts may have open; null as above. */
export function mostOpenFiles(): number | null {
  if (process.platform !== 'linux') return null;
  const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return limit === undefined ? null : Number(limit);
}
