import { withholdValues } from '@infratraq/kernel';
import { pino, type DestinationStream, type Logger } from 'pino';

/**
 * Makes the server's log. Of an error it keeps what kind it is, its code, message and stack: drivers hang whole documents
 * and rows onto theirs, and quote values in their messages.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    redact: ['req.headers.authorization', 'req.headers.cookie'],
    serializers: { err: describeError },
  };
  if (destination) return pino(options, destination);
  // People read a terminal, machines read JSON; both on standard error, so that standard output says only what was asked.
  if (!process.stderr.isTTY) return pino(options, pino.destination(2));
  return pino({
    ...options,
    transport: { target: 'pino-pretty', options: { destination: 2, ignore: 'pid,hostname' } },
  });
}

const deepestCause = 5;

/** What the log says of an error, and of what caused it. */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? withholdValues(error) : undefined;
  const { code } = error as { code?: unknown };
  const message = withholdValues(error.message);
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    message,
    stack: [`${error.name}: ${message}`, ...frames].join('\n'),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(error.cause !== undefined &&
      depth < deepestCause && { cause: describeError(error.cause, depth + 1) }),
    ...(error instanceof AggregateError &&
      depth < deepestCause && { errors: error.errors.map((one) => describeError(one, depth + 1)) }),
  };
}
