import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which build this is, for the gateway to tell: the package's version, the commit if there is one, and now. */
export function readVersion(root: string): { VERSION: string; COMMIT: string; BUILT_AT: string } {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const git = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' });
  return {
    VERSION: version,
    COMMIT: git.status === 0 ? git.stdout.trim() : 'unknown',
    BUILT_AT: new Date().toISOString(),
  };
}
