import { scopesOfRoles, type Actor, type HeldScope, type ScopeRole } from '@infratraq/kernel';
import { followNotifications, type PlatformTables, type Postgres } from '@infratraq/postgres';
import type { ColumnType } from 'kysely';

/** One member of a scope. */
export interface ScopeMember {
  readonly user_id: string;
  readonly role: ScopeRole;
  readonly granted_at: Date;
}

/** The table of members by qualified name. */
export interface ScopeTables {
  'infratraq.scope_members': {
    scope: string;
    user_id: string;
    role: ScopeRole;
    granted_at: ColumnType<Date, never, never>;
  };
}

/** Is told the user whose scopes changed; undefined where those of anybody, or the rules, may have. */
export type ScopeListener = (userId: string | undefined) => void;

const freshMilliseconds = 1_000;
const remembered = 20_000;

/** Members of scopes, remembered for a second at most and until any of them changes. */
export class ScopeMembers {
  readonly #postgres: Postgres<PlatformTables & ScopeTables>;
  readonly #listeners = new Set<ScopeListener>();
  readonly #held = new Map<string, { scopes: Promise<HeldScope[]>; until: number }>();

  constructor(postgres: Postgres) {
    this.#postgres = postgres.withTables<ScopeTables>();
  }

  /** Adds a listener that is told of each change; the answer removes it. */
  onChange(listener: ScopeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Forgets what it remembers, and tells its listeners, whenever a member is granted or revoked, by any client. */
  async follow(postgres: Postgres, onError: (error: Error) => void): Promise<{ close(): Promise<void> }> {
    const announce = (userId?: string) => {
      if (userId === undefined) this.#held.clear();
      else this.#held.delete(userId);
      for (const listener of this.#listeners) listener(userId);
    };
    return followNotifications(
      postgres,
      { channel: 'infratraq_scope', purpose: 'scopes' },
      {
        onNotification: (payload) => announce(payload === '' ? undefined : payload),
        onListening: async () => announce(),
        onError: (error) => {
          this.#held.clear();
          onError(error);
        },
      },
    );
  }

  /** The scopes that an actor holds, the one open to all members among them. */
  async heldBy({ user_id, roles }: Actor): Promise<'all' | HeldScope[]> {
    const held = scopesOfRoles(roles);
    if (held === 'all' || held.length === 0) return held;
    return [...held, ...(await this.#remember(user_id))];
  }

  async list(scope: string): Promise<ScopeMember[]> {
    return this.#postgres.db
      .selectFrom('infratraq.scope_members')
      .select(['user_id', 'role', 'granted_at'])
      .where('scope', '=', scope)
      .orderBy('user_id')
      .execute();
  }

  /** Grants a role, or changes it; the actor's name goes into the trail of changes. */
  async grant(scope: string, user_id: string, role: ScopeRole): Promise<void> {
    await this.#postgres.transaction((transaction) =>
      transaction
        .insertInto('infratraq.scope_members')
        .values({ scope, user_id, role })
        .onConflict((conflict) => conflict.columns(['scope', 'user_id']).doUpdateSet({ role }))
        .execute(),
    );
    this.#held.delete(user_id);
  }

  /** Answers whether the user was a member. */
  async revoke(scope: string, user_id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#postgres.transaction((transaction) =>
      transaction
        .deleteFrom('infratraq.scope_members')
        .where('scope', '=', scope)
        .where('user_id', '=', user_id)
        .executeTakeFirstOrThrow(),
    );
    this.#held.delete(user_id);
    return numDeletedRows > 0n;
  }

  #remember(user_id: string): Promise<HeldScope[]> {
    const present = this.#held.get(user_id);
    if (present && present.until > performance.now()) return present.scopes;
    const scopes = this.#postgres.db
      .selectFrom('infratraq.scope_members')
      .select(['scope', 'role'])
      .where('user_id', '=', user_id)
      .execute();
    if (this.#held.size >= remembered) this.#held.clear();
    const entry = { scopes, until: performance.now() + freshMilliseconds };
    this.#held.set(user_id, entry);
    scopes.catch(() => this.#held.get(user_id) === entry && this.#held.delete(user_id));
    return scopes;
  }
}
