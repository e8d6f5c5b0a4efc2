import type { Schema } from '../api/client.js';

type Categories = Schema<'StoreOverview'>['categories'];

/** Keeps the collections whose name contains the text, and the categories that still have any; a space stands for an underscore. */
export function filterCategories(categories: Categories, text: string): Categories {
  const wanted = text.trim().toLowerCase().replaceAll(/\s+/g, '_');
  if (wanted === '') return categories;
  return categories
    .map(({ name, collections }) => ({
      name,
      collections: collections.filter((collection) => collection.name.includes(wanted)),
    }))
    .filter(({ collections }) => collections.length > 0);
}
