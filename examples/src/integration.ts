// A call to another system is logged without its secrets, and found again by its route.
import { ApiRequestLog, describeMessage, integration, listRequests } from '@infratraq/integration';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const collections = integration.collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, collections);
const models = bindModels(mongo.connection, collections);

const headers = { 'content-type': 'application/json', authorization: 'Bearer 5f2d1c' };
await models.of(ApiRequestLog).create({
  created_at: new Date(),
  direction: 'outbound',
  method: 'POST',
  route: '/cost-centres',
  path: '/cost-centres',
  host: 'sap.example',
  status: 503,
  status_class: 5,
  duration_ms: 812,
  request: describeMessage({ headers, body: '{"plant":"1000","api_key":"k-123"}' }, 2_000),
  response: describeMessage({ headers: { 'content-type': 'text/plain' }, body: 'busy' }, 2_000),
});

const page = await listRequests(models, { route: '/cost-centres', status_class: 5 }, { limit: 1 });
for (const { method, route, status, request } of page.items) {
  console.log(`${method} ${route} answered ${status}`);
  console.log(
    `sent: ${request?.payload}; ${request?.headers.map((header) => `${header.name}: ${header.value}`).join(', ')}`,
  );
}
await mongo.close();
