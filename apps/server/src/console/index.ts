import { describeApi } from '../http/describe-api.js';
import { serveConsole } from './serve-console.js';
import type { Feature } from '../feature.js';

/** The web console, and the description of the API. */
export const webConsole: Feature<object, object> = {
  open: () => ({
    services: {},
    hooks: async (app) => void (await app.register(describeApi)),
    pages: async (app) => void (await app.register(serveConsole)),
  }),
};
