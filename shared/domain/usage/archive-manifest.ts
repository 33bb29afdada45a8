/** One file of an archive: requests of one tenant and day, by the time at which they were made and their id. */
export interface ArchivePart {
  /** From 1. */
  readonly number: number;
  readonly key: string;
  readonly rows: number;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly first: RowPlace;
  readonly last: RowPlace;
  readonly sums: ArchiveSums;
  readonly priceVersions: readonly string[];
  /** If its rows are gone from Postgres. */
  readonly isDeleted: boolean;
}

/** Where a row comes in the order of an archive. */
export interface RowPlace {
  readonly createdAt: string;
  readonly id: string;
}

/** What rows come to: exact whole numbers as texts, money in pico-dollars. */
export interface ArchiveSums {
  readonly costPicoUsd: string;
  readonly inputTokens: string;
  readonly outputTokens: string;
  /** Of the rows' revisions: a row that was corrected since gives another sum. */
  readonly revisions: string;
}

/** What is in an archive of a day. It is written after all its files: without it there is no archive. */
export interface ArchiveManifest {
  readonly version: 1;
  readonly tenantId: string;
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
  readonly files: readonly Omit<ArchivePart, 'isDeleted'>[];
  readonly rows: number;
  readonly bytes: number;
  readonly sums: ArchiveSums;
  readonly priceVersions: readonly string[];
}

export function manifestOf(tenantId: string, day: string, parts: readonly ArchivePart[]): ArchiveManifest {
  return {
    ...{ version: 1, tenantId, day },
    files: parts.map(({ isDeleted: _, ...file }) => file),
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    sums: addSums(parts.map(({ sums }) => sums)),
    priceVersions: [...new Set(parts.flatMap(({ priceVersions }) => priceVersions))].sort(),
  };
}

export function addSums(all: readonly ArchiveSums[]): ArchiveSums {
  const sum = (name: keyof ArchiveSums) => all.reduce((total, sums) => total + BigInt(sums[name]), 0n).toString();
  return {
    ...{ costPicoUsd: sum('costPicoUsd'), inputTokens: sum('inputTokens') },
    ...{ outputTokens: sum('outputTokens'), revisions: sum('revisions') },
  };
}

/** The folder of a tenant's day (YYYY-MM-DD, UTC) in object storage. */
export function archiveFolder(tenantId: string, day: string): string {
  return `${archiveOf(tenantId)}/${day}`;
}

/** Where all that was archived of a tenant lies. */
export function archiveOf(tenantId: string): string {
  return `requests/${tenantId}`;
}
