import { recordActivity } from '@infratraq/activity';
import { SearchIndexCache } from '@infratraq/caches';
import {
  newCauseId,
  runAsActor,
  type Actor,
  type EntityAccess,
  type EntityReference,
} from '@infratraq/kernel';
import type { PreferenceServices } from '@infratraq/preferences';
import type { ChatServices } from '../chat/index.js';
import type { CommentServices } from '../comments/index.js';
import type { InsightServices } from '../insight/index.js';
import type { Platform } from '../platform/platform.js';
import { chatMessages, commentThreads, viewedPages } from './conversations.js';
import { demonstrationUsers } from './demonstration-people.js';
import type { FieldTables } from './field-tables.js';

/** What the demonstration is loaded with. */
export interface DemonstrationNeeds {
  readonly access: EntityAccess;
  readonly chat: ChatServices;
  readonly comments: CommentServices;
  readonly insight: InsightServices;
  readonly preferences: PreferenceServices;
}

/** Fills an empty document store with the traces of a working day, through the services that anybody uses. */
export async function loadDemonstrationDocuments(
  platform: Platform,
  { access, chat: { chat }, comments: { comments }, insight: { reports }, preferences }: DemonstrationNeeds,
): Promise<void> {
  for (const [position, message] of chatMessages.entries())
    await as(message.sender_id, () =>
      chat.send({ ...message, client_message_id: `demonstration-${position}` }),
    );
  for (const { entity_type, entity_id, comments: said } of commentThreads)
    await discuss(comments, { entity_type, entity_id }, said);
  for (const { user_id } of demonstrationUsers)
    await as(user_id, async (actor) =>
      recordActivity(
        platform.events,
        actor,
        viewedPages.map((path) => ({
          event_type: 'page:viewed',
          page: { path },
          duration_ms: 4_000 + path.length * 750,
        })),
      ),
    );
  const project = { entity_type: 'projects', entity_id: '1' };
  const favorite = { kind: 'pinned' as const, ...project, title: 'My project', position: 0 };
  await preferences.favorites.put('u-manager-1', favorite, await access.scopesOfEntity(project));
  await reports.run('project_costs', {});
  await reports.run('inspection_results', {});
  await indexProjects(platform, access);
}

async function discuss(
  comments: CommentServices['comments'],
  entity: EntityReference,
  [first, ...answers]: readonly { author_id: string; body: string }[],
): Promise<void> {
  const { thread } = await as(first!.author_id, () => comments.start(entity, first!));
  const reference = { ...entity, thread_id: String(thread._id) };
  for (const answer of answers) await as(answer.author_id, () => comments.reply(reference, answer));
}

async function indexProjects({ models, postgres }: Platform, access: EntityAccess): Promise<void> {
  const { db } = postgres.withTables<FieldTables>();
  const projects = await db.selectFrom('projects').select(['project_id', 'code', 'name', 'status']).execute();
  const indexed_at = new Date();
  await models.of(SearchIndexCache).insertMany(
    await Promise.all(
      projects.map(async ({ project_id, code, name, status }) => ({
        entity_type: 'projects',
        entity_id: String(project_id),
        title: name,
        subtitle: code,
        keywords: [code, status],
        suggest_terms: [...name.toLowerCase().split(/[^\p{L}\p{N}]+/u), code.toLowerCase()].filter(Boolean),
        url: `/projects/${project_id}`,
        scopes: [
          ...(await access.scopesOfEntity({ entity_type: 'projects', entity_id: String(project_id) })),
        ],
        indexed_at,
      })),
    ),
  );
}

function as<Result>(user_id: string, work: (actor: Actor) => Promise<Result>): Promise<Result> {
  const actor: Actor = { user_id, roles: ['member'], ip_address: '127.0.0.1', cause_id: newCauseId() };
  return runAsActor(actor, () => work(actor));
}
