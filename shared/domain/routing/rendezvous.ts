const [OFFSET, PRIME] = [0x811c9dc5, 0x01000193];
/** Finalizer of MurmurHash3: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp */
const [FIRST, SECOND] = [0x85ebca6b, 0xc2b2ae35];
const RANGE = 2 ** 32;

/**
 * Where a session's candidates stand, by weighted rendezvous hashing: the least comes first. For all sessions together each
 * is first by its weight's share, one session always has the same order, and a candidate that leaves changes only who is
 * first for the sessions that were its own. https://www.snia.org/sites/default/files/SDC15_presentations/dist_sys/Jason_Resch_New_Consistent_Hashings_Rev.pdf
 */
export function placesOf(session: string): (name: string, weight: number) => number {
  const before = taken(taken(OFFSET, session), ' '); // once for all candidates: a session may be a long text
  return (name, weight) => -Math.log((mixed(taken(before, name)) + 0.5) / RANGE) / weight;
}

/** FNV-1a over UTF-16 units, whose bits are then mixed. Not for secrets. */
export function hashOf(text: string): number {
  return mixed(taken(OFFSET, text));
}

function taken(before: number, text: string): number {
  let hash = before;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  return hash;
}

function mixed(taken: number): number {
  let hash = Math.imul(taken ^ (taken >>> 16), FIRST);
  hash = Math.imul(hash ^ (hash >>> 13), SECOND);
  return (hash ^ (hash >>> 16)) >>> 0;
}
