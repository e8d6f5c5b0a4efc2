import { objectChanged, objectExists } from '../../store/errors.js';
import type { WriteCondition } from '../../store/object-store.js';

interface S3Fault {
  readonly name?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** A write's condition in the terms of S3. */
export function conditionHeaders({ ifAbsent, ifMatch }: WriteCondition) {
  return { ...(ifAbsent && { IfNoneMatch: '*' }), ...(ifMatch !== undefined && { IfMatch: ifMatch }) };
}

/** Whether S3 says that there is no such object. */
export function isMissing(error: unknown): boolean {
  const { name, $metadata } = error as S3Fault;
  return name === 'NoSuchKey' || name === 'NotFound' || $metadata?.httpStatusCode === 404;
}

/** Runs a conditional write, and says which condition did not hold. */
export async function translateS3Error<Result>(
  key: string,
  { ifAbsent, ifMatch }: WriteCondition,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const status = (error as S3Fault).$metadata?.httpStatusCode;
    // 409: another write to the same key was under way; it has won.
    if (ifAbsent && (status === 412 || status === 409)) throw objectExists(key);
    if (ifMatch !== undefined && (status === 412 || status === 409 || isMissing(error)))
      throw objectChanged(key);
    throw error;
  }
}
