import { expect, it } from 'vitest';
import { isIssuerUrl } from './is-issuer-url.ts';

it.each(['https://id.example', 'https://login.example/tenant/v2.0'])('takes %s', (url) => {
  expect(isIssuerUrl(url, false)).toBe(true);
});

it.each([
  'http://id.example',
  'https://localhost',
  'https://127.0.0.1',
  'https://2130706433',
  'https://[::1]',
  'https://metadata.internal',
  'https://id.example:8443',
  'https://user@id.example',
  'https://id.example/?a=b',
  'https://id.example/#a',
  'ftp://id.example',
  'nonsense',
])('refuses %s', (url) => {
  expect(isIssuerUrl(url, false)).toBe(false);
});

it('takes one of this machine where private ones are allowed', () => {
  expect(isIssuerUrl('http://127.0.0.1:4000', true)).toBe(true);
  expect(isIssuerUrl('ftp://127.0.0.1:4000', true)).toBe(false);
});
