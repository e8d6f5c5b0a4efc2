export * from './store/create-object-store.js';
export { createFolderDriver, type FolderOptions } from './drivers/folder/folder.js';
export { signLink, verifyLink, type LinkSigning, type SignedLink } from './serving/folder-links.js';
export type * from './drivers/object-driver.js';
export { checkKeyPrefix, checkObjectKey, maximumKeyCharacters } from './store/object-key.js';
export type * from './store/object-store.js';
export { openObjects, type OpenObjectsOptions } from './open-objects.js';
