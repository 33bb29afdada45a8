import { parseArgs } from 'node:util';
import type { Database } from '../../shared/db/client.ts';
import { getDeadLetter } from '../../shared/services/get-dead-letter.ts';
import { type DeadLetterFilter, listDeadLetters } from '../../shared/services/list-dead-letters.ts';
import { replayDeadLetter } from '../../shared/services/replay-dead-letter.ts';

export const DEAD_LETTERS_HELP = `Messages that the ledger could not record. None is ever deleted.

  npm run ledger:dead-letters                          lists them, newest first
  npm run ledger:dead-letters -- show ID               shows one, with what it carries
  npm run ledger:dead-letters -- replay ID             records what it carries, and marks it as replayed
  npm run ledger:dead-letters -- replay --all          the same for all that have not been replayed, oldest first

  --queue NAME     only those of a queue (list, replay --all)
  --tenant ID      only those that name a tenant (list, replay --all)
  --open           only those that have not been replayed (list)
  --limit N        how many to list: 20 unless said
  --help           this text

Connects to DATABASE_URL, as the ledger's role or as the owner of the tables. Ends with 0, and with 1 when something could
not be replayed.`;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MOST = 1_000_000;

/** What to do on the database. */
export type DeadLettersCommand =
  | { readonly name: 'list'; readonly filter: DeadLetterFilter; readonly limit: number }
  | { readonly name: 'show' | 'replay'; readonly id: string }
  | { readonly name: 'replay-all'; readonly filter: DeadLetterFilter };

/** What the command line asks for, `help` for the text above. Throws an error for the operator when that is not clear. */
export function readDeadLettersCommand(args: readonly string[]): DeadLettersCommand | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...{ queue: { type: 'string' }, tenant: { type: 'string' }, limit: { type: 'string' } },
      ...{ all: { type: 'boolean' }, open: { type: 'boolean' }, help: { type: 'boolean' } },
    },
  });
  if (values.help) return 'help';
  const [name = 'list', id, ...rest] = positionals;
  if (rest.length > 0) throw new Error(`"${rest[0]}" is one word too many; see --help`);
  const filter: DeadLetterFilter = {
    ...(values.queue !== undefined && { queue: values.queue }),
    ...(values.tenant !== undefined && { tenantId: values.tenant }),
  };
  if (name === 'list' && id === undefined) {
    const limit = Number(values.limit ?? 20);
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST)
      throw new Error(`--limit ${values.limit} is not a number from 1`);
    return { name, filter: { ...filter, ...(values.open && { isOpen: true }) }, limit };
  }
  if (name === 'replay' && values.all && id === undefined) return { name: 'replay-all', filter };
  if (name === 'show' || name === 'replay') {
    if (values.all) throw new Error('give either an id or --all');
    if (id === undefined)
      throw new Error(`${name} needs the id of a dead letter${name === 'replay' ? ', or --all' : ''}`);
    if (!UUID.test(id)) throw new Error(`"${id}" is not the id of a dead letter`);
    return { name, id };
  }
  throw new Error(`"${[name, id].filter(Boolean).join(' ')}" is not a command; see --help`);
}

/** Does it, and tells by `print`. True when all of it succeeded. Rejects while the database is away. */
export async function runDeadLetters(
  db: Database,
  command: DeadLettersCommand,
  print: (line: string) => void,
): Promise<boolean> {
  switch (command.name) {
    case 'list':
      return await list(db, command, print);
    case 'show':
      return await show(db, command.id, print);
    case 'replay':
      return await replay(db, command.id, print);
    case 'replay-all':
      return await replayAll(db, command.filter, print);
  }
}

async function list(
  db: Database,
  { filter, limit }: Extract<DeadLettersCommand, { name: 'list' }>,
  print: (line: string) => void,
): Promise<boolean> {
  const letters = await listDeadLetters({ db, filter, limit });
  if (letters.length === 0) print('no dead letters');
  for (const { id, queue, subjectTenant, error, createdAt, replayedAt } of letters) {
    const state = replayedAt ? `replayed ${replayedAt.toISOString()}` : 'open';
    const [reason = ''] = error.split('\n');
    print(`${id}  ${createdAt.toISOString()}  ${queue}  ${subjectTenant ?? 'no tenant'}  ${state}  ${reason}`);
  }
  return true;
}

async function show(db: Database, id: string, print: (line: string) => void): Promise<boolean> {
  const letter = await getDeadLetter({ db, id });
  print(letter ? JSON.stringify(letter, null, 2) : `${id}: there is no such dead letter`);
  return letter !== null;
}

async function replay(db: Database, id: string, print: (line: string) => void): Promise<boolean> {
  const replayed = await replayDeadLetter({ db, id });
  print(
    replayed.ok
      ? `${id}: replayed, ${replayed.value} events`
      : `${id}: not replayed, ${replayed.error.reason}: ${replayed.error.detail}`,
  );
  return replayed.ok;
}

async function replayAll(db: Database, filter: DeadLetterFilter, print: (line: string) => void): Promise<boolean> {
  const letters = await listDeadLetters({ db, filter: { ...filter, isOpen: true }, limit: MOST });
  let replayed = 0;
  for (const { id } of letters.toReversed()) if (await replay(db, id, print)) replayed += 1;
  print(`${replayed} of ${letters.length} replayed`);
  return replayed === letters.length;
}
