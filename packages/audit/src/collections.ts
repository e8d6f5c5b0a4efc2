export { EntityChangelog } from './entity-changelog.js';
