import { InfratraqError } from '@infratraq/kernel';

/** The server sent something that contradicts the pgoutput protocol. */
export class PgoutputDecodeError extends InfratraqError {
  constructor(message: string) {
    super('capture.decode-failed', `${message}; report it with the versions of PostgreSQL and this package`);
  }
}
