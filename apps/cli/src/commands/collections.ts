import { formatRetention, NotFoundError, type CollectionDefinition } from '@infratraq/kernel';
import { store } from '@infratraq/store';
import { Command } from 'commander';
import { jsonOption, print } from '../output/print.js';
import { formatTable } from '../output/format-table.js';

/** `infratraq collections`: prints the collections with their policies; needs no server. */
export function collectionsCommand(): Command {
  return new Command('collections')
    .description('list the collections with their policies')
    .option('--category <name>', 'of one category only')
    .option(...jsonOption)
    .action(({ category, json }: { category?: string; json?: boolean }) => {
      const categories = store.categories.map(({ name }) => name);
      if (category !== undefined && !categories.includes(category))
        throw new NotFoundError(
          `There is no category ${category}; the categories are ${categories.join(', ')}`,
          'category.unknown',
        );
      const chosen = store.collections.filter((definition) => !category || definition.category === category);
      print(chosen.map(describe), json, () => formatTable(table(chosen)));
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
