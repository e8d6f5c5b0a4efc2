export * from './describe-conformance.js';
export * from './use-models.js';
