import { expect, it } from 'vitest';
import { BODY_BYTES, openaiChat, orchestrateChat, sameShapeChat } from './requests.ts';
import { PACE_MARKS, PACES } from './upstream-answers.ts';

const CALLERS = [{ tenantId: 'tenant', apiKey: 'key' }];

it.each(PACES)('asks for an answer %s, in bodies of one length', (pace) => {
  for (const { body } of [openaiChat(pace), sameShapeChat(pace, CALLERS), orchestrateChat(pace, CALLERS)]) {
    expect(Buffer.byteLength(body)).toBe(BODY_BYTES);
    expect(PACES.filter((each) => body.includes(PACE_MARKS[each]))).toEqual([pace]);
  }
});
