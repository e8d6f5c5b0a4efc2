// Chat: a message and its retry are stored once, under one number of the channel.
import { openMessaging } from '@infratraq/messaging';
const mongodbUri = process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples';
// Your application decides who may read and post in a channel.
const { chat, close } = await openMessaging({ mongodbUri, membership: { roleOf: async () => 'member' } });
const message = { channel: 'project:42', sender_id: 'u-1', client_message_id: 'c-1', body: 'Crane is here' };
await chat.send(message);
await chat.send(message); // a retry
const { messages } = await chat.history(message.channel, 'u-2');
for (const { seq, sender_id, body } of messages) console.log(`#${seq} ${sender_id}: ${body}`);
await close();
