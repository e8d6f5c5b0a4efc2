// Chat in ten lines: two messages, a retry that is not doubled, and the channel's history.
import { randomUUID } from 'node:crypto';
import { ChatService, messaging } from '@infratraq/messaging';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const collections = messaging.collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, collections);

// Who belongs to which channel is yours to answer; here everybody does.
const membership = { roleOf: async () => 'member' as const };
const chat = new ChatService({ models: bindModels(mongo.connection, collections), membership });

const channel = `site-${randomUUID()}`;
const greeting = { channel, sender_id: 'u-1', client_message_id: 'c-1', body: 'The crane is here' };
const first = await chat.send(greeting);
await chat.send({ channel, sender_id: 'u-2', client_message_id: 'c-1', body: 'On my way' });
const retry = await chat.send(greeting);
console.log(
  `the retry created a message: ${retry.created}; same message: ${retry.message._id.equals(first.message._id)}`,
);

const { messages } = await chat.history(channel, 'u-2');
for (const { seq, sender_id, body } of messages) console.log(`#${seq} ${sender_id}: ${body}`);
await mongo.close();
