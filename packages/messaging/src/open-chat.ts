import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';
import { ChatMessage } from './collections/chat-message.js';
import { ChatReadState } from './collections/chat-read-state.js';
import { ChatService, type ChatOptions } from './chat/chat-service.js';

/** Chat on a connection of its own. */
export interface OpenedChat {
  readonly chat: ChatService;
  close(): Promise<void>;
}

/**
 * Connects to MongoDB, makes chat's indexes and opens chat on them: all that a project needs that has no models of its
 * own. `mongodbUri` names the database.
 * @throws InfratraqError `mongo.unreachable`
 */
export async function openChat({
  mongodbUri,
  ...options
}: { readonly mongodbUri: string } & Omit<ChatOptions, 'models'>): Promise<OpenedChat> {
  const { connection, close } = await connectMongo({ uri: mongodbUri });
  const collections = [ChatMessage, ChatReadState];
  try {
    await applyIndexes(connection, collections);
  } catch (error) {
    await close();
    throw error;
  }
  return { chat: new ChatService({ models: bindModels(connection, collections), ...options }), close };
}
