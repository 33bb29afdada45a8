import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readSignedId, signedId } from './signed-ids.ts';

it('gives an id and its signature back, whatever they are', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1, unit: 'grapheme' }), (id, signature) => {
      expect(readSignedId(signedId({ id, signature }))).toEqual({ id, signature });
    }),
  );
});

it('writes only characters that every API allows in an id', () => {
  expect(signedId({ id: 'call_1', signature: 'a+/=ü' })).toMatch(/^[\w-]+$/);
});

it.each(['call_1', 'toolu_01A-b_C', '', 'a__sig__', 'a__sig__not!base64'])('leaves "%s" as it is', (id) => {
  expect(readSignedId(id)).toEqual({ id });
});
