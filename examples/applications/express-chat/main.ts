import { accessForAllMembers } from '@infratraq/kernel';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openMessaging, presentMessage, type ChannelRole } from '@infratraq/messaging';
import { chatGateway } from '@infratraq/messaging/gateway';
import { problemMediaType, problemOf, UnauthenticatedError } from '@infratraq/transport';
import express, { type ErrorRequestHandler, type Request } from 'express';
import { Server } from 'socket.io';

// Your users and who may do what: in your application these come from its own tables.
const sessions = new Map([
  ['session-of-ada', 'ada'],
  ['session-of-bob', 'bob'],
]);
const roles = new Map<string, ChannelRole>([
  ['ada', 'member'],
  ['bob', 'reader'],
]);

const { chat, close } = await openMessaging({
  mongodbUri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples',
  access: accessForAllMembers,
  membership: { roleOf: async (_channel, userId) => roles.get(userId) },
});

const app = express().use(express.json());
app.post('/sites/:site/messages', async (request, response) => {
  const { client_message_id, body } = request.body;
  const channel = `site:${request.params.site}`;
  const { message } = await chat.send({ channel, sender_id: userOf(request), client_message_id, body });
  response.status(201).json(presentMessage(message));
});
app.get('/sites/:site/messages', async (request, response) => {
  const { messages } = await chat.history(`site:${request.params.site}`, userOf(request));
  response.json(messages.map(presentMessage));
});
const sendProblem: ErrorRequestHandler = (error, _request, response, _next) => {
  const problem = problemOf(error);
  response.status(problem.status).type(problemMediaType).json(problem);
};
app.use(sendProblem);

const server = createServer(app);
const sockets = new Server(server);
chatGateway(sockets.of('/chat'), {
  chat,
  authenticate: async (token) => ({ user_id: userOfSession(token), roles: ['member'] }),
});
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1', () =>
  console.log(`ready at http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
process.once('SIGTERM', async () => {
  await sockets.close();
  await close();
});

function userOf(request: Request): string {
  return userOfSession(request.get('x-session') ?? '');
}

function userOfSession(session: string): string {
  const user = sessions.get(session);
  if (!user) throw new UnauthenticatedError('Sign in first');
  return user;
}
