/** Lists the columns that are declared sensitive at this moment, as {@link nameColumn} names them. */
export type ListHidden = () => Promise<ReadonlySet<string>>;

/** One name for a column of a table. */
export function nameColumn(entityType: string, column: string): string {
  return `${entityType} ${column}`;
}
