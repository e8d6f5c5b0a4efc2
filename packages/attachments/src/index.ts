export * from './attachment-metadata-parts.js';
export * from './attachment-metadata.js';
export * from './attachment-state.js';
export * from './category.js';
export * from './collections.js';
export * from './queries.js';
