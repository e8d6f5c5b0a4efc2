// Writes docs/api/openapi.json as a server with every route serves it: npm run generate:api
import { writeFile } from 'node:fs/promises';
import { descriptionFile, settingsOfEveryRoute } from './api-description.js';
import { openTestServer } from './open-test-server.js';

const server = await openTestServer(settingsOfEveryRoute);
try {
  const { body } = await server.call('/openapi.json');
  await writeFile(descriptionFile, `${JSON.stringify(body, null, 2)}\n`);
} finally {
  await server.close();
}
process.exit();
