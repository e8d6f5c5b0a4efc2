import type { CreatedAt, Defaulted } from '@infratraq/postgres';
import type { Generated } from 'kysely';

export interface WebhookEndpointTable {
  endpoint_id: Generated<string>;
  url: string;
  description: string | null;
  events: string[];
  secret_encrypted: Buffer;
  status: Defaulted<'active' | 'paused' | 'disabled'>;
  created_by: string;
  created_at: CreatedAt;
}

export interface ApiKeyTable {
  api_key_id: Generated<string>;
  /** The first characters, shown to people so that they can tell keys apart. */
  prefix: string;
  /** SHA-256 of the key; the key itself is shown once and never stored. */
  key_hash: Buffer;
  owner_id: string;
  roles: Defaulted<string[]>;
  expires_at: Date | null;
  revoked_at: Date | null;
  created_at: CreatedAt;
}

/** The tables of integration. */
export interface IntegrationTables {
  'infratraq.webhook_endpoints': WebhookEndpointTable;
  'infratraq.api_keys': ApiKeyTable;
}
