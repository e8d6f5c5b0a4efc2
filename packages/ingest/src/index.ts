export type { CollectionMetrics } from './collection-queue.js';
export * from './event-writer.js';
