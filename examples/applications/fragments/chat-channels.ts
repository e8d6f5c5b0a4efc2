import type { FastifyInstance } from 'fastify';
import type { Server } from 'socket.io';
import { ChatService } from '@infratraq/messaging';
import { chatGateway } from '@infratraq/messaging/gateway';
import { createChannels, watchChannels } from '@infratraq/messaging/postgres';
import { channelRoutes } from '@infratraq/messaging/routes';

const watched = await watchChannels(postgres, report);
const { channels, membership } = createChannels({ postgres, models, watched, access });
const chat = new ChatService({ models, membership });
await api.register(channelRoutes, { channels });
chatGateway(io.of('/chat'), { chat, channels, authenticate });

type Settings = Parameters<typeof createChannels>[0];
type Gateway = Parameters<typeof chatGateway>;
declare const postgres: Settings['postgres'];
declare const models: Settings['models'];
declare const access: Settings['access'];
declare const api: FastifyInstance;
declare const io: Server;
declare const authenticate: Gateway[1]['authenticate'];
declare function report(error: Error): void;
