import { describe, expect, it } from 'vitest';
import { domainOfEmail, toDomainName } from './email-domain.ts';

describe('a domain', () => {
  it.each([
    ['acme.com', 'acme.com'],
    [' Acme.COM. ', 'acme.com'],
    ['mail.acme.co.uk', 'mail.acme.co.uk'],
    ['münchen.de', 'xn--mnchen-3ya.de'],
    ['MÜNCHEN.de', 'xn--mnchen-3ya.de'],
    ['mu\u0308nchen.de', 'xn--mnchen-3ya.de'],
    ['xn--mnchen-3ya.de', 'xn--mnchen-3ya.de'],
    ['пример.рф', 'xn--e1afmkfd.xn--p1ai'],
    ['例え。テスト', 'xn--r8jz45g.xn--zckzah'],
    ['3m.com', '3m.com'],
    [`${'a'.repeat(63)}.com`, `${'a'.repeat(63)}.com`],
  ])('%j stands in DNS as %s', (text, name) => {
    expect(toDomainName(text)).toBe(name);
  });

  it.each([
    ...['', '.', '..', 'com', 'localhost', 'acme..com', '.acme.com', 'acme.com..', '-acme.com', 'acme-.com'],
    ...['127.0.0.1', '2130706433', '0x7f.1', '1.2', '１２７.０.０.１', '[::1]', '::1', 'acme.1', '1.2.3.4.'],
    ...['https://acme.com', 'acme.com/x', 'acme.com:80', 'a@acme.com', 'acme.com?x', 'acme.com#x', '%61cme.com'],
    ...['ac me.com', 'ac\u0000me.com', '*.acme.com', '_dmarc.acme.com', 'acme.com\\x', 'xn--.com'],
    ...[`${'a'.repeat(64)}.com`, `${'a.'.repeat(120)}com`],
  ])('%j is none', (text) => {
    expect(toDomainName(text)).toBeNull();
  });

  it('of an address is what is behind its last @', () => {
    expect(domainOfEmail('ada@Acme.com')).toBe('acme.com');
    expect(domainOfEmail('"ada@evil.test"@acme.com')).toBe('acme.com');
    for (const none of ['acme.com', '@acme.com', 'ada@', 'ada@localhost', 'ada@[127.0.0.1]']) {
      expect(domainOfEmail(none)).toBeNull();
    }
  });
});
