import { expect, it } from 'vitest';
import { tenantSlug } from './tenant-slug.ts';

it.each([
  ['Acme', /^acme-[0-9a-z]{6}$/],
  ['  Müller & Söhne GmbH ', /^muller-sohne-gmbh-[0-9a-z]{6}$/],
  ['日本', /^tenant-[0-9a-z]{6}$/],
  ['a'.repeat(200), /^a{40}-[0-9a-z]{6}$/],
  [`${'a'.repeat(39)} b`, /^a{39}-[0-9a-z]{6}$/],
])('%s', (name, slug) => {
  expect(tenantSlug(name)).toMatch(slug);
});

it('is another one each time', () => {
  expect(new Set(Array.from({ length: 100 }, () => tenantSlug('Acme'))).size).toBe(100);
});
