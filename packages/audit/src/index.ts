export * from './category.js';
export * from './collections.js';
export * from './queries.js';
