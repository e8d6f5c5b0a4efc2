import { Error as MongooseError } from 'mongoose';

/** Says what Mongoose found wrong with a document, without the value: it may be a secret, and reasons are logged. */
export function describeCastFault(error: unknown): string {
  if (error instanceof MongooseError.CastError) return `${error.path} cannot be cast to ${error.kind}`;
  if (error instanceof MongooseError.ValidationError) {
    const [inner] = Object.values(error.errors);
    return inner ? describeCastFault(inner) : 'it is not valid';
  }
  return error instanceof Error ? error.message : String(error);
}
