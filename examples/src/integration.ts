// A call to another system is logged without its secrets, and found again by its route.
import { ApiRequestLog, describeMessage, listRequests, openIntegration } from '@infratraq/integration';

const mongodbUri = process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples';
const { models, close } = await openIntegration({ mongodbUri });
const request = describeMessage({ headers: { authorization: 'Bearer 5f2d1c' }, body: '' }, 2_000);
const call = {
  direction: 'outbound',
  method: 'POST',
  route: '/orders',
  path: '/orders',
  duration_ms: 8,
} as const;
await models
  .of(ApiRequestLog)
  .create({ ...call, status: 503, status_class: 5, request, created_at: new Date() });
const { items } = await listRequests(models, { route: '/orders', status_class: 5 }, { limit: 1 });
for (const { name, value } of items[0]?.request.headers ?? []) console.log(`${name}: ${value}`);
await close();
