// Chat: a message and its retry are stored once, under one number of the channel.
import { accessForAllMembers as access } from '@infratraq/kernel';
import { openMessaging } from '@infratraq/messaging';
const mongodbUri = process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples';
// Your application decides who may see an entity, and who may read and post in a channel.
const membership = { roleOf: async () => 'member' as const };
const { chat, close } = await openMessaging({ mongodbUri, access, membership });
const message = { channel: 'project:42', sender_id: 'u-1', client_message_id: 'c-1', body: 'Crane is here' };
await chat.send(message);
await chat.send(message); // a retry
const { messages } = await chat.history(message.channel, 'u-2');
for (const { seq, sender_id, body } of messages) console.log(`#${seq} ${sender_id}: ${body}`);
await close();
