import { runAsActor } from '@infratraq/kernel';
import { userInfo } from 'node:os';

/** Runs the work as a person, whom the audit trail then names: whoever has this shell, unless told. */
export function asPerson<Result>(name: string | undefined, work: () => Result): Result {
  return runAsActor({ user_id: name ?? userInfo().username, roles: ['admin'] }, work);
}
