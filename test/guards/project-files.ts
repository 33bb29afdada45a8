import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** A file of the project, its path relative to the root. */
export interface ProjectFile {
  readonly path: string;
  readonly text: string;
}

/** Every file that is committed, or would be. */
export function projectFiles(): ProjectFile[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const paths = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\0');
  return [...new Set(paths)]
    .filter((path) => path !== '' && existsSync(join(ROOT, path)))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

/** The TypeScript that is part of a Worker: neither tests nor scripts. */
export function workerSources(): ProjectFile[] {
  return projectFiles().filter(
    ({ path }) =>
      /^(workers|durable-objects|shared|migrations\/durable-objects)\/.*\.ts$/.test(path) && !path.endsWith('.test.ts'),
  );
}
