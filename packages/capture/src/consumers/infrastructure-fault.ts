import { InfratraqError } from '@infratraq/kernel';
import { isPassingCode } from '@infratraq/mongo';
import { mongo } from 'mongoose';

/** Node's and PostgreSQL's codes for what has nothing to do with the data: connections, resources, locks, shutdown. */
const nodeCode =
  /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOSPC|EMFILE|UND_ERR_\w+|ABORT_ERR)$/;
const postgresCode = /^(08|53|57|58)\w{3}$|^(40001|40P01|55P03|25006)$/;
const retryableLabels = ['RetryableWriteError', 'TransientTransactionError', 'ResetPool'];

/** Whether an error, or what caused it, says that a server or the network is away, not that a change is at fault. */
export function isInfrastructureFault(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth += 1) {
    if (isFaultItself(cause)) return true;
    if (cause instanceof AggregateError && cause.errors.some(isInfrastructureFault)) return true;
  }
  return false;
}

function isFaultItself(error: Error): boolean {
  if (error instanceof InfratraqError) return error.status === 503 || error.status === 429;
  if (
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoServerSelectionError ||
    error instanceof mongo.MongoNotConnectedError ||
    error instanceof mongo.MongoTopologyClosedError ||
    error instanceof mongo.MongoClientClosedError
  )
    return true;
  if (error instanceof mongo.MongoError) {
    return (
      retryableLabels.some((label) => error.hasErrorLabel(label)) ||
      isPassingCode((error as { code?: unknown }).code)
    );
  }
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && (nodeCode.test(code) || postgresCode.test(code))) return true;
  // What node-postgres says, without a code, when its connection ends.
  return /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/.test(
    error.message,
  );
}
