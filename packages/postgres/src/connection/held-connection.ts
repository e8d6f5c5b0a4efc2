import { InfratraqError } from '@infratraq/kernel';
import { Kysely, type TransactionBuilder } from 'kysely';
import { AsyncLocalStorage } from 'node:async_hooks';

/** Work asked the pool for a second connection while it held one. */
export class NestedConnectionError extends InfratraqError {
  constructor() {
    super(
      'postgres.nested-connection',
      'A second connection was asked for within a transaction; use the transaction itself. When every connection of ' +
        'the pool is held by such work, all of it would wait for good',
    );
  }
}

const held = new AsyncLocalStorage<{ isHeld: boolean }>();

/** Runs work that holds a connection of the pool; asking for another one meanwhile is an error. */
async function whileHolding<Result>(work: () => Promise<Result>): Promise<Result> {
  const holding = { isHeld: true };
  try {
    return await held.run(holding, work);
  } finally {
    // What the work has started and not waited for goes on, and then holds nothing.
    holding.isHeld = false;
  }
}

/** @throws NestedConnectionError `postgres.nested-connection` */
export function requireNoneHeld(): void {
  if (held.getStore()?.isHeld === true) throw new NestedConnectionError();
}

/** A query builder whose transactions refuse to wait for a second connection. */
export class GuardedKysely<Tables> extends Kysely<Tables> {
  override transaction(): TransactionBuilder<Tables> {
    const builder = super.transaction();
    const execute = builder.execute.bind(builder);
    builder.execute = (work) => execute((transaction) => whileHolding(() => work(transaction)));
    return builder;
  }
}
