import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ERRORS } from '../../shared/errors/domain-error.ts';

const PAGE = join(import.meta.dirname, '../../docs/errors.md');

it('docs/errors.md lists every error code as it is, and no other', () => {
  const rows = readFileSync(PAGE, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const expected = Object.entries(ERRORS).map(
    ([code, { status, title, retry }]) => `| \`${code}\` | ${status} | ${retry} | ${title} |`,
  );
  expect(rows).toEqual(expected);
});
