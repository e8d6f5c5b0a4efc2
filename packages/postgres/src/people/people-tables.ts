import type { ColumnType } from 'kysely';
import type { CreatedAt, Defaulted } from '../column-types.js';

type Optional<Value> = ColumnType<Value | null, Value | null | undefined, Value | null>;

export interface UserTable {
  user_id: string;
  email: string | null;
  display_name: string;
  roles: Defaulted<string[]>;
  status: Defaulted<'active' | 'suspended' | 'departed'>;
  organisation_id: Defaulted<string | null>;
  /** E.164. */
  phone: Optional<string>;
  /** The address that no longer takes messages; another one is used again. */
  retired_email: Optional<string>;
  retired_phone: Optional<string>;
  created_at: CreatedAt;
  updated_at: Defaulted<Date>;
}

export interface OrganisationTable {
  organisation_id: string;
  name: string;
  created_at: CreatedAt;
}
