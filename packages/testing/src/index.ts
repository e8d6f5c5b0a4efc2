export * from './use-models.js';
