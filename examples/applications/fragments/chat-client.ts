import { ChatClient, createWebOutboxStorage } from '@infratraq/chat-client';

const outboxStorage = createWebOutboxStorage('u-1'); // in the page's localStorage, for this user alone
const chat = new ChatClient('https://infratraq.example', { token, outboxStorage });
chat.on('message:refused', ({ message, error }) => console.log(message.body, error.message));
chat.on('outbox:failed', ({ error }) => console.log(error.message, error.cause));
for (const { body } of chat.pending('project:42')) console.log(`on its way: ${body}`);

declare const token: string;
