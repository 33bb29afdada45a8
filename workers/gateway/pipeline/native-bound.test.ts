import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anthropicAdapter } from '../../../shared/providers/anthropic/adapter.ts';
import { utf8Length } from '../../../shared/providers/bound.ts';
import type { ChatRequest } from '../../../shared/providers/contract.ts';
import { boundNative } from './native-bound.ts';

const ENOUGH_BASE64 = 'QUJD'.repeat(100_000);
const image = { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: ENOUGH_BASE64 } } as const;
const wireImage = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: ENOUGH_BASE64 } };

function bound(content: unknown[], parts: ChatRequest['messages'], more: object = {}, tools?: ChatRequest['tools']) {
  const native = {
    format: 'anthropic-messages',
    body: { messages: [{ role: 'user', content }], ...more },
    maxOutputTokens: 10,
  } as const;
  return boundNative(native, { messages: parts, maxOutputTokens: 10, ...(tools && { tools }) }, anthropicAdapter);
}

describe('the bound of a request in a vendor’s own format', () => {
  it('is never below the bytes of its texts, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
        const content = texts.map((text) => ({ type: 'text', text: text.toWellFormed() }));
        const least = content.reduce((sum, { text }) => sum + utf8Length(text), 0);
        expect(bound(content, []).inputTokens).toBeGreaterThanOrEqual(least);
      }),
    );
  });

  it('counts an image as what the vendor can make of it, and not as its bytes', () => {
    const { inputTokens, outputTokens } = bound([wireImage], [{ role: 'user', content: [image] }]);
    expect(inputTokens).toBeGreaterThanOrEqual(5_000);
    expect(inputTokens).toBeLessThan(10_000);
    expect(outputTokens).toBe(10);
  });

  it('counts a document of plain text as that text', () => {
    const text = 'a '.repeat(2_000_000);
    const wire = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text } };
    const source = { kind: 'base64', mediaType: 'text/plain', data: btoa(text) } as const;
    const { inputTokens } = bound([wire], [{ role: 'user', content: [{ type: 'file', source }] }]);
    expect(inputTokens).toBeGreaterThanOrEqual(text.length);
  });

  it('leaves room for the description of a tool that only the vendor knows', () => {
    const plain = bound([], []).inputTokens;
    const tools = [{ type: 'bash_20250124', name: 'bash' }];
    expect(bound([], [], { tools }).inputTokens).toBeGreaterThan(plain + 4_000);
    const own = [{ name: 'own', parameters: {} }];
    expect(bound([], [], { tools: [{ name: 'own', input_schema: {} }] }, own).inputTokens).toBeLessThan(plain + 4_000);
    const notInChat = [{ type: 'custom', name: 'f' }, { type: 'function' }, { type: null, name: 'g' }];
    expect(bound([], [], { tools: notInChat }).inputTokens).toBeLessThan(plain + 4_000);
  });
});
