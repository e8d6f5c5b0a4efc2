export * from './create-object-store.js';
export { createFolderDriver, type FolderOptions } from './drivers/folder.js';
export { signLink, verifyLink, type LinkSigning, type SignedLink } from './folder-links.js';
export type * from './object-driver.js';
export { checkKeyPrefix, checkObjectKey, maximumKeyCharacters } from './object-key.js';
export type * from './object-store.js';
export { openObjects, type OpenObjectsOptions } from './open-objects.js';
