import { features } from './start-server.js';

/** The migrations of every feature of this server; the platform's run before them. */
export const { migrations } = features;
