import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import type { KeyringText } from '../../shared/crypto/keyring.ts';
import type { StatementRunner } from '../../shared/db/statement-runner.ts';
import { enqueueJob } from '../../shared/services/enqueue-job.ts';
import { followJob } from '../ledger/follow-job.ts';
import { promoteKey, publishKey, readKeyring, readKmsKey, retireKey, writeKeyring } from './keyring-file.ts';

export const ROTATE_HELP = `Rotates the key-encryption keys of a deployment's vault. docs/runbooks/key-rotation.md tells the whole.

  npm run keys:rotate -- publish --file FILE --id ID [--kms FILE]   adds a key: a new random one, or one of a KMS
  npm run keys:rotate -- promote --file FILE --id ID                makes it the one that wraps
  npm run keys:rotate -- rewrap                                     wraps every tenant's key by it; follows the job
  npm run keys:rotate -- retire --file FILE --id ID                 takes the old one out, when nothing is left to rewrap
  --file FILE      the keyring as JSON, as it is in the secret VAULT_KEYS
  --help           this text

"rewrap" and "retire" connect to DATABASE_URL. The file is changed alone: deploy it with "wrangler secret put". Ends with 0;
with 1 when something is left to rewrap; with 2 when it could not be run.`;

/** What a step does; those that need the database are given it. */
export type RotationStep =
  | { readonly needsDatabase: false; run(print: (line: string) => void): number }
  | { readonly needsDatabase: true; run(statements: StatementRunner, print: (line: string) => void): Promise<number> };

const rewrapResult = z.object({
  primary: z.string().nullable(),
  rewrapped: z.int(),
  current: z.int(),
  resealed: z.int(),
  refused: z.int(),
});

/** Reads the command line. Throws what is wrong with it. */
export function readRotation(args: readonly string[]): 'help' | RotationStep {
  const options = {
    file: { type: 'string' },
    id: { type: 'string' },
    kms: { type: 'string' },
    help: { type: 'boolean' },
  } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (values.help) return 'help';
  const [step, ...rest] = positionals;
  if (rest.length > 0) throw new Error(`one step at a time: ${positionals.join(' ')}`);
  if (step === 'rewrap') {
    return { needsDatabase: true, run: async (statements, print) => ((await rewrap(statements, print)) ? 0 : 1) };
  }
  const { file, id, kms } = values;
  if (step !== 'publish' && step !== 'promote' && step !== 'retire') {
    throw new Error(`${step ?? 'no step'} is not one of publish, promote, rewrap, retire`);
  }
  if (file === undefined || id === undefined) throw new Error(`${step} needs --file and --id`);
  if (step === 'retire')
    return { needsDatabase: true, run: (statements, print) => retire(statements, file, id, print) };
  return {
    needsDatabase: false,
    run(print) {
      const key = () => (kms === undefined ? randomBytes(32).toString('base64') : readKmsKey(kms));
      change(file, (ring) => (step === 'publish' ? publishKey(ring, id, key()) : promoteKey(ring, id)));
      print(`${file}: ${step === 'publish' ? 'has' : 'wraps with'} the key ${id}. Deploy it before the next step.`);
      return 0;
    },
  };
}

function change(file: string, next: (ring: KeyringText) => KeyringText): void {
  writeKeyring(file, next(readKeyring(file)));
}

/** Asks for the job and follows it. Null: it was not run, or failed. */
async function rewrap(statements: StatementRunner, print: (line: string) => void) {
  const asked = await enqueueJob({ statements, kind: 'rewrap-keys' });
  const job = asked === null ? null : await followJob(statements, asked, print);
  if (job?.status !== 'succeeded') {
    print(
      `the job was not run to its end${job?.error ? `: ${job.error}` : ''}; ask again: it begins with what is left`,
    );
    return null;
  }
  const result = rewrapResult.parse(job.result);
  print(
    `wrapped by ${result.primary}: ${result.rewrapped} now, ${result.current} before; sealed again: ${result.resealed}; refused: ${result.refused}`,
  );
  if (result.refused > 0) print(`npm run ledger:jobs -- --id ${job.id} names what was refused`);
  return result.refused > 0 ? null : result;
}

/** Runs the job once more: nothing may be left that the key opens. */
async function retire(statements: StatementRunner, file: string, id: string, print: (line: string) => void) {
  retireKey(readKeyring(file), id); // what is wrong with it is said before anything is run
  const result = await rewrap(statements, print);
  if (!result) return 1;
  if (result.primary === id || result.rewrapped > 0 || result.resealed > 0) {
    print(`not yet: something was still under another key than ${result.primary}. Run it again.`);
    return 1;
  }
  change(file, (ring) => retireKey(ring, id));
  print(`${file}: no longer has the key ${id}. Deploy it, and keep the key for as long as backups that need it.`);
  return 0;
}
