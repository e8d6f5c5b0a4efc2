import { InfratraqError } from '@infratraq/kernel';

/** PostgreSQL's codes for a schema, a table or a function that does not exist. */
const missing = new Set(['3F000', '42P01', '42883']);

/** Says on standard error what failed and sets the exit status; unexpected errors show where they came from. */
export function reportFailure(error: unknown): void {
  process.stderr.write(`infratraq: ${describe(error)}\n`);
  process.exitCode = 1;
}

function describe(error: unknown): string {
  if (error instanceof InfratraqError) return `${error.code}: ${error.message}`;
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && missing.has(code) && error.message.includes('infratraq.'))
    return `database.not-migrated: ${error.message}; start a server of this version with this database once, which runs the migrations`;
  return error.stack ?? error.message;
}
