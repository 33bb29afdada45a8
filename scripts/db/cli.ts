/**
 * Runs a database command on `DATABASE_URL`. A failure is told in one line, without a stack trace and without the
 * password in the URL, and sets the exit code.
 */
export async function runOnDatabase(command: (databaseUrl: string) => Promise<void>): Promise<void> {
  const databaseUrl = process.env.DATABASE_URL;
  if (!databaseUrl || !URL.canParse(databaseUrl)) {
    fail(
      `DATABASE_URL is ${databaseUrl ? 'not a URL' : 'not set'}: expected postgres://user:password@host:port/database`,
    );
    return;
  }
  try {
    await command(databaseUrl);
  } catch (error) {
    const { hostname, port, pathname } = new URL(databaseUrl);
    fail(`${hostname}:${port || 5432}${pathname}: ${reasonOf(error)}`);
  }
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

/** A refused connection to a name with several addresses carries its reasons inside. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
