import { describe, expect, it } from 'vitest';
import type { StreamPart } from '../contract.ts';
import { dropEcho } from './drop-echo.ts';

const NO_USAGE = { unified: undefined, raw: undefined };
const START: StreamPart = { type: 'response-start', responseModel: 'm' };
const END: StreamPart = { type: 'finish', finishReason: 'stop', rawFinishReason: 'stop', usage: NO_USAGE };
const said = (text: string): StreamPart => ({ type: 'text-delta', text });

async function heard(begun: string, ...groups: StreamPart[][]): Promise<string[]> {
  async function* parts() {
    yield* groups;
  }
  const told: string[] = [];
  for await (const group of dropEcho(parts(), begun)) {
    for (const part of group) told.push(part.type === 'text-delta' ? part.text : part.type);
  }
  return told;
}

describe('an answer that begins with what it was given', () => {
  it.each([
    [
      'in one piece',
      [
        [START, said('So it')],
        [said(' is'), END],
      ],
      ['response-start', ' is', 'finish'],
    ],
    ['in several', [[START], [said('S')], [said('o it is'), END]], ['response-start', ' is', 'finish']],
    ['and with no more', [[START, said('So it'), END]], ['response-start', 'finish']],
    ['and with itself once more', [[START, said('So itSo it')], [END]], ['response-start', 'So it', 'finish']],
    ['and breaks within it', [[START, said('So')]], ['response-start']],
  ])('is told without it: %s', async (_name, groups, expected) => {
    expect(await heard('So it', ...groups)).toEqual(expected);
  });

  it.each([
    [
      'says something else',
      [
        [START, said('So is')],
        [said(' it'), END],
      ],
    ],
    ['stops before', [[START, said('So')], [END]]],
    ['calls a tool', [[START, { type: 'tool-call-start', id: 'x', name: 'f' } as const], [END]]],
    ['goes on at once', [[START, said(' is')], [END]]],
  ])('ends in an error when it %s', async (_name, groups) => {
    expect(await heard('So it', ...groups)).toEqual(['response-start', 'stream-error']);
  });
});
