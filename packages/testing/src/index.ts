export { describeConformance, type ExampleDocuments } from './describe-conformance.js';
export { useModels, type BoundModels } from './use-models.js';
