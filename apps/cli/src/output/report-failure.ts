import { InfratraqError } from '@infratraq/kernel';

/** Says on standard error what failed and sets the exit status; unexpected errors show where they came from. */
export function reportFailure(error: unknown): void {
  const text = error instanceof InfratraqError ? `${error.code}: ${error.message}` : inspect(error);
  process.stderr.write(`infratraq: ${text}\n`);
  process.exitCode = 1;
}

function inspect(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
