import { createHash } from 'node:crypto';
import type { ErrorDescription } from '../collections/error-description.js';
import type { ErrorLog } from '../collections/error-log.js';

const maximumCauses = 10;

/** Describes a thrown value for `error_log`: itself, its causes (nearest first, at most ten) and its fingerprint. */
export function describeError(thrown: unknown): Pick<ErrorLog, 'error' | 'causes' | 'fingerprint'> {
  const chain: unknown[] = [thrown];
  for (
    let cause = causeOf(thrown);
    cause !== undefined && chain.length <= maximumCauses;
    cause = causeOf(cause)
  ) {
    if (chain.includes(cause)) break;
    chain.push(cause);
  }
  const [error, ...causes] = chain.map(describeOne) as [ErrorDescription, ...ErrorDescription[]];
  return { error, causes, fingerprint: fingerprintOf(error) };
}

function describeOne(thrown: unknown): ErrorDescription {
  if (!(thrown instanceof Error)) return { name: typeof thrown, message: String(thrown).slice(0, 4_000) };
  const code = 'code' in thrown && thrown.code !== undefined ? String(thrown.code).slice(0, 200) : undefined;
  return {
    name: thrown.name.slice(0, 200) || 'Error',
    ...(code && { code }),
    message: thrown.message.slice(0, 4_000) || '(no message)',
    ...(thrown.stack && { stack: thrown.stack.slice(0, 16_000) }),
  };
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error ? (thrown.cause ?? undefined) : undefined;
}

// Without the message, which carries ids and times, and without line numbers, which any edit moves.
function fingerprintOf({ name, code, stack }: ErrorDescription): string {
  const frames = (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 5)
    .map((line) => line.replace(/:\d+:\d+\)?$/, '').trim());
  return createHash('sha256')
    .update(JSON.stringify([name, code ?? null, frames]))
    .digest('hex')
    .slice(0, 32);
}
