export { openObjects, type OpenObjectsOptions } from './open-objects.js';
export type { LinkSigning } from './serving/folder-links.js';
export type {
  ObjectDetails,
  ObjectHead,
  ObjectStore,
  PutOptions,
  StoredObject,
} from './store/object-store.js';
