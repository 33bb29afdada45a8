import { expect, it } from 'vitest';
import { apiUrl } from './api-url.ts';

it.each([
  ['https://api.vendor.com/v1', 'https://api.vendor.com/v1/chat'],
  ['https://api.vendor.com/v1/', 'https://api.vendor.com/v1/chat'],
  ['https://api.vendor.com', 'https://api.vendor.com/v1/chat'],
  ['http://v1:8080', 'http://v1:8080/v1/chat'],
  ['https://gateway.example.com/anthropic', 'https://gateway.example.com/anthropic/v1/chat'],
  ['https://gateway.example.com/v1/account/openai', 'https://gateway.example.com/v1/account/openai/chat'],
  ['https://vendor.com/v1beta', 'https://vendor.com/v1beta/chat'],
])('%s is called at %s', (base, url) => {
  expect(apiUrl(base, '/chat', 'v1')).toBe(url);
});

it('a vendor without versions gets none', () => {
  expect(apiUrl('https://api.vendor.com/', '/chat')).toBe('https://api.vendor.com/chat');
});
