// An error is stored with its stack and its causes, and found again among those of its kind.
import { describeError, ErrorLog, listErrorsOfKind, openObservability } from '@infratraq/observability';

const mongodbUri = process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples';
const { models, close } = await openObservability({ mongodbUri });
const failure = describeError(new RangeError('The beam is too long'));
const where = { level: 'error', service: 'planner', host: 'example', occurred_at: new Date() } as const;
await models.of(ErrorLog).create({ ...failure, ...where });
for (const { service, error } of await models.find(listErrorsOfKind, failure))
  console.log(`${service}: ${error.name}, ${error.message}`);
await close();
