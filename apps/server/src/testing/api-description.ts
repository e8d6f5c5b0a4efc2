import { fileURLToPath } from 'node:url';
import { embeddedDatabases } from './open-test-server.js';

/** The committed description of the API, from which clients' types are generated. */
export const descriptionFile = fileURLToPath(new URL('../../../../docs/api/openapi.json', import.meta.url));

/** Settings under which the server has every route that it can have. */
export const settingsOfEveryRoute = {
  // Elsewhere no tokens are made for development.
  ...embeddedDatabases,
  PUBLIC_URL: 'https://infra.example',
  INBOUND_MAIL_SECRET: 'a secret of the inbound mail hook',
  MAIL_HOOK_SECRET: 'a secret of the other hooks of mail',
  TWILIO_ACCOUNT_SID: 'AC00000000000000000000000000000000',
  TWILIO_AUTH_TOKEN: 'token',
  TWILIO_FROM: '+15005550006',
} satisfies NodeJS.ProcessEnv;
