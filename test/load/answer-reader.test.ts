import { expect, it } from 'vitest';
import { AnswerReader } from './answer-reader.ts';

const WHOLE = 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nthe end.';
const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nthe \r\n4\r\nend.\r\n0\r\n\r\n';

it('finds the end of an answer by its length and by its last chunk, however it is cut, one after the other', () => {
  for (const answer of [WHOLE, CHUNKED]) {
    const reader = new AnswerReader('end.');
    for (let round = 0; round < 2; round++) {
      const outcomes = [...answer].map((character) => reader.push(character));
      expect(outcomes.indexOf('whole')).toBe(answer.length - 1);
    }
    expect(reader.push(answer)).toBe('whole');
  }
});

it('takes an answer without the words, or that is not 2xx, for a failed one', () => {
  const reader = new AnswerReader('other');
  expect(reader.push(WHOLE)).toBe('failed');
  expect(reader.failure).toBe(WHOLE);
  expect(new AnswerReader('end.').push(WHOLE.replace('200 OK', '429 Too Many Requests'))).toBe('failed');
  expect(new AnswerReader('').push('HTTP/1.1 204 No Content\r\n\r\n')).toBe('whole');
});
