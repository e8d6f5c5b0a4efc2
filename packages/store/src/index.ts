export type { Category, CollectionDefinition, Store } from '@infratraq/kernel';
export * from './store.js';
