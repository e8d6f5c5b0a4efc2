import { formatRetention, type CollectionDefinition } from '@infratraq/kernel';
import { store } from '@infratraq/store';
import { Command } from 'commander';
import { formatTable } from '../format-table.js';

/** `infratraq collections`: prints the collections with their policies; needs no server. */
export function collectionsCommand(): Command {
  return new Command('collections')
    .description('list the collections with their policies')
    .option('--category <name>', 'of one category only')
    .option('--json', 'as JSON')
    .action(({ category, json }: { category?: string; json?: boolean }) => {
      const chosen = store.collections.filter((definition) => !category || definition.category === category);
      process.stdout.write(json ? `${JSON.stringify(chosen.map(describe))}\n` : formatTable(table(chosen)));
    });
}

function describe({ name, category, policy }: CollectionDefinition) {
  return {
    name,
    category,
    purpose: policy.purpose,
    retention: formatRetention(policy.retention),
    archive: policy.archive ?? null,
    growth: policy.growth.pattern,
    indexes: policy.indexes.length,
  };
}

function table(definitions: readonly CollectionDefinition[]): string[][] {
  const rows = definitions
    .map(describe)
    .map((row) => [
      row.category,
      row.name,
      row.retention,
      row.archive ?? '-',
      row.growth,
      String(row.indexes),
    ]);
  return [['CATEGORY', 'COLLECTION', 'RETENTION', 'ARCHIVE', 'GROWTH', 'INDEXES'], ...rows];
}
