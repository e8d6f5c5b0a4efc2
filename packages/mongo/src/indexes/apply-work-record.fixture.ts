import { connectMongo } from '../connect.js';
import { WorkRecord } from '../work-record.fixture.js';
import { applyIndexes } from './apply-indexes.js';

// A process of its own, to be killed while it builds.
const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? '' });
await applyIndexes(mongo.connection, [WorkRecord]);
await mongo.close();
