import type { RowValue } from '@infratraq/capture';

/** How rows of a table are found by instant search. */
export interface SearchableTable {
  /** As changes name it. */
  readonly entityType: string;
  /** The column that is the primary key. */
  readonly key: string;
  /** The column that names a row to people. */
  readonly title: string;
  readonly subtitle?: string;
  /** Columns whose values find the row, besides its title. */
  readonly keywords: readonly string[];
  /** Columns of which a row is also found by what somebody has begun to type, besides its title. */
  readonly codes?: readonly string[];
}

/** Every table that instant search covers. */
export const searchableTables: readonly SearchableTable[] = [
  {
    entityType: 'projects',
    key: 'project_id',
    title: 'name',
    subtitle: 'code',
    keywords: ['code', 'status'],
    codes: ['code'],
  },
  {
    entityType: 'contracts',
    key: 'contract_id',
    title: 'title',
    subtitle: 'reference',
    keywords: ['reference', 'status'],
    codes: ['reference'],
  },
  {
    entityType: 'organisations',
    key: 'organisation_id',
    title: 'name',
    subtitle: 'kind',
    keywords: ['kind', 'country_code'],
  },
  { entityType: 'assets', key: 'asset_id', title: 'tag', subtitle: 'kind', keywords: ['kind'] },
  {
    entityType: 'work_orders',
    key: 'work_order_id',
    title: 'title',
    subtitle: 'status',
    keywords: ['status'],
  },
];

/** The columns that instant search reads, the key among them. */
export function listShownColumns({ key, title, subtitle, keywords, codes }: SearchableTable): string[] {
  return [
    ...new Set([key, title, ...(subtitle === undefined ? [] : [subtitle]), ...keywords, ...(codes ?? [])]),
  ];
}

/** What instant search keeps of a row; undefined for one without a title. */
export function describeRow({ entityType, title, subtitle, ...table }: SearchableTable, row: RowValue) {
  const read = (column: string) => (typeof row[column] === 'string' ? row[column] : '').slice(0, 500);
  const name = read(title);
  if (name === '') return undefined;
  const terms = [name, ...name.split(/[^\p{L}\p{N}]+/u), ...(table.codes ?? []).map(read)];
  return {
    entity_type: entityType,
    title: name,
    ...(subtitle !== undefined && { subtitle: read(subtitle) }),
    keywords: table.keywords.map(read).filter(Boolean),
    suggest_terms: [...new Set(terms.map((term) => term.toLowerCase()).filter(Boolean))],
  };
}
