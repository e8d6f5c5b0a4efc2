export { asAdministrator } from './administrator.js';
export { applyIndexes } from './indexes/apply-indexes.js';
export { bindModels, type DocumentUpdate, type Models } from './bind-models.js';
export { buildCollectionSchema } from './build-model.js';
export { connectMongo, type Mongo } from './connect.js';
export { explainQuery } from './explain-query.js';
export type { Page, PageRequest } from './find-page.js';
export type { BuildProgress } from './indexes/build-index.js';
export { ensureIndexes } from './indexes/ensure-indexes.js';
export { IndexBuilder, type IndexStatus } from './indexes/index-builder.js';
export { formatIndexAction, type IndexPlan } from './indexes/index-plan.js';
export { findBuild } from './indexes/read-build.js';
export { measureCollections, type CollectionSize } from './measure-collections.js';
export { openModels, type MongoSource, type OpenedModels } from './open-models.js';
export { detectDrift, planIndexes } from './indexes/plan-indexes.js';
export { probeCapabilities, type Capabilities } from './probe-capabilities.js';
export { OrderedReader } from './windows/ordered-reader.js';
export type { ReadBounds, Window } from './windows/read-in-windows.js';
export { findIdsBesideText } from './windows/find-ids-beside-text.js';
export { resolveShape, trusted, type Stored } from './run-query.js';
export {
  acceptDuplicates,
  duplicateKeyCode,
  isDocumentCode,
  isDocumentFault,
  isDuplicateKey,
  isPassingCode,
  isPassingFault,
  isTransient,
} from './write-errors.js';
