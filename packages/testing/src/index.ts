export * from './describe-conformance.js';
export * from './eventually.js';
export * from './use-models.js';
