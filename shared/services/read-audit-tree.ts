import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import type { StatementRow } from '../db/statement-runner.ts';
import { joinHashes, type Node, nodesOf, type Sha256, type Span } from '../domain/audit/merkle-tree.ts';
import { fromBase64 } from '../domain/audit/signed-note.ts';

const hash = z.string().transform((text) => fromBase64(text) ?? new Uint8Array());
const nodes = z.array(z.object({ level: z.coerce.number(), position: z.coerce.number(), hash }));

/** The statement that reads stored nodes, and what makes the hash of each span of its rows. Throws where one is missing. */
export function readSpans(sha256: Sha256, tenantId: string, spans: readonly Span[]) {
  const wanted = JSON.stringify(spans.flatMap((span) => nodesOf(span)));
  const statement: SQL = sql`
    select level, position::text, encode(hash, 'base64') as hash from audit_nodes
    join jsonb_to_recordset(${wanted}::jsonb) as wanted (level smallint, position bigint) using (level, position)
    where tenant_id = ${tenantId}::uuid`;
  const hashesOf = (rows: readonly StatementRow[]): Uint8Array[] => {
    const stored = new Map(nodes.parse(rows).map((node) => [nameOf(node), node.hash]));
    const hashOf = (node: Node) => {
      const found = stored.get(nameOf(node));
      if (!found) throw new Error(`the tree lacks node ${nameOf(node)}`);
      return found;
    };
    return spans.map((span) => joinHashes(sha256, nodesOf(span).map(hashOf)));
  };
  return { statement, hashesOf };
}

/** The hashes of a tree's complete subtrees, from the left: what is needed to go on from it. */
export function edgeSpans(size: number): Span[] {
  return nodesOf([0, size]).map(({ level, position }) => [position * 2 ** level, (position + 1) * 2 ** level]);
}

function nameOf({ level, position }: Node): string {
  return `${level}/${position}`;
}
