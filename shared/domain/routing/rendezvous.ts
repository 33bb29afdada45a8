const [OFFSET, PRIME] = [0x811c9dc5, 0x01000193];
/** Finalizer of MurmurHash3: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp */
const [FIRST, SECOND] = [0x85ebca6b, 0xc2b2ae35];
const RANGE = 2 ** 32;

/**
 * Where a candidate stands for a session, by weighted rendezvous hashing: the least comes first. For all sessions together
 * each is first by its weight's share, one session always has the same order, and a candidate that leaves changes only
 * who is first for the sessions that were its own. https://www.snia.org/sites/default/files/SDC15_presentations/dist_sys/Jason_Resch_New_Consistent_Hashings_Rev.pdf
 */
export function placeOf(session: string, name: string, weight: number): number {
  return -Math.log((hashOf(`${session} ${name}`) + 0.5) / RANGE) / weight;
}

/** FNV-1a over UTF-16 units, whose bits are then mixed. Not for secrets. */
export function hashOf(text: string): number {
  let hash = OFFSET;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  hash = Math.imul(hash ^ (hash >>> 16), FIRST);
  hash = Math.imul(hash ^ (hash >>> 13), SECOND);
  return (hash ^ (hash >>> 16)) >>> 0;
}
