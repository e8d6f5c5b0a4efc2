export type CollectionState = 'active' | 'ttl_expiring' | 'archived' | 'maintenance' | 'deleted';

/** One collection as `GET /api/v1/collections` lists it; sizes are in bytes. */
export interface CollectionSummary {
  readonly name: string;
  readonly category: string;
  readonly purpose: string;
  readonly state: CollectionState;
  readonly documents: number;
  readonly size_bytes: number;
  /** What a full retention period holds, or a year where retention is permanent. */
  readonly expected_bytes: number;
  readonly warn_bytes: number;
  readonly retention: string;
  readonly retention_kind: 'permanent' | 'fixed' | 'range';
  readonly growth: {
    readonly pattern: 'low' | 'moderate' | 'high';
    readonly document_bytes: number;
    readonly documents_per_day: number;
  };
  readonly archive: 'before-expiry' | 'never' | null;
  readonly events: { readonly recorded: number; readonly written: number; readonly rejected: number };
}

export interface CollectionIndex {
  readonly name: string;
  readonly key: Readonly<Record<string, number | string>>;
  /** The name of the query that this index is for. */
  readonly serves: string | null;
  readonly unique: boolean;
  readonly expire_after_seconds: number | null;
}

export interface StateChange {
  readonly from: CollectionState | null;
  readonly to: CollectionState;
  readonly changed_by: string;
  readonly changed_at: string;
  readonly reason: string | null;
}

/** One collection as `GET /api/v1/collections/:name` describes it. */
export interface CollectionDetail extends CollectionSummary {
  readonly indexes: readonly CollectionIndex[];
  readonly next_states: readonly CollectionState[];
  readonly history: readonly StateChange[];
}

/** The answer of `GET /api/v1/collections`. */
export interface StoreOverview {
  readonly categories: readonly {
    readonly name: string;
    readonly collections: readonly CollectionSummary[];
  }[];
  readonly totals: {
    readonly collections: number;
    readonly documents: number;
    readonly size_bytes: number;
    readonly events_recorded: number;
  };
  readonly engine: { readonly name: string; readonly version: string; readonly missing: readonly string[] };
  readonly as_of: string;
}
