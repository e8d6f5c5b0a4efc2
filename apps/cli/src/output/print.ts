/** An option of every command that prints: what it prints is one JSON document then. */
export const jsonOption = ['--json', 'as one JSON document'] as const;

/** Writes a value to standard output, as one JSON document or as text laid out for people. */
export function print(value: unknown, json: boolean | undefined, layOut: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : layOut());
}

/** Writes a message about the command's progress to standard error. */
export function tell(message: string): void {
  process.stderr.write(`${message}\n`);
}
