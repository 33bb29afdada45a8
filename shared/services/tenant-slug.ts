import { randomBase62 } from '../crypto/base62.ts';

const STEM_MAX_LENGTH = 40;
const SUFFIX_LENGTH = 6;

/**
 * A name for URLs, of a tenant's own: letters and digits of its name, and six random characters, so that nobody learns
 * from theirs which others there are.
 */
export function tenantSlug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase();
  const stem = plain
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, STEM_MAX_LENGTH)
    .replaceAll(/^-+|-+$/g, '');
  const suffix = randomBase62(SUFFIX_LENGTH).toLowerCase();
  return `${stem || 'tenant'}-${suffix}`;
}
