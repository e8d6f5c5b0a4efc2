// Chat in ten lines: two messages, a retry that is not doubled, and the channel's history.
import { openChat } from '@infratraq/messaging';
const { chat, close } = await openChat({
  mongodbUri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples',
  membership: { roleOf: async () => 'member' }, // who may do what is yours to answer
});
const channel = `site-${Date.now()}`;
const hello = { channel, sender_id: 'u-1', client_message_id: 'c-1', body: 'The crane is here' };
for (let tries = 1; tries <= 2; tries += 1) await chat.send(hello); // stored once
await chat.send({ channel, sender_id: 'u-2', client_message_id: 'c-1', body: 'On my way' });
const { messages } = await chat.history(channel, 'u-2');
for (const { seq, sender_id, body } of messages) console.log(`#${seq} ${sender_id}: ${body}`);
await close();
