import * as fc from 'fast-check';

const SIGNATURE = 'Z2VtaW5p+/=';

/** Ids, some of which carry the signature of their call, as the gateway's answers write it. */
export function signed(ids: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const mark = `__sig__${Buffer.from(SIGNATURE).toString('base64url')}`;
  return fc.tuple(ids, fc.integer({ min: 0, max: 4 })).map(([id, dice]) => (dice === 0 ? `${id}${mark}` : id));
}

/** The id of a call and its signature, if it carries one. */
export function splitId(text: string): { readonly id: string; readonly signature?: string } {
  const [id, mark] = text.split('__sig__');
  if (id === undefined || mark === undefined) return { id: text };
  return { id, signature: Buffer.from(mark, 'base64url').toString() };
}
