import type { StoredDocument } from './make-document.js';

/** A collection that grows, and what its documents are about. */
export interface GrowingCollection {
  /** Documents for each of the changelog's. */
  readonly share: number;
  /** What the number of a document and of all tells of it. */
  readonly describe: (number: number, count: number, at: Date) => StoredDocument;
}

const user = 'u-1';
const digest = '0'.repeat(64);
const words = ['bridge', 'tunnel', 'survey', 'concrete', 'inspection', 'permit', 'beam', 'crane'];
const entityOf = (number: number, count: number) => ({
  entity_type: ['projects', 'tasks', 'contracts', 'invoices', 'permits'][number % 5]!,
  entity_id: String(number % Math.max(1, Math.floor(count / 20))),
});
/** Every tenth is about the one that the lists are asked for; the others about many. */
const shared = (number: number, one: string, many: string) =>
  number % 10 === 0 ? one : `${many}-${number % 5_000}`;

const syllables = [
  'bri',
  'ga',
  'con',
  'te',
  'su',
  'lo',
  'per',
  'mi',
  'da',
  'fo',
  'ru',
  'be',
  'ca',
  'ne',
  'po',
];

/** One of 3,375 words, as a trade has them. */
function wordOf(number: number): string {
  const place = (number * 7_919) % syllables.length ** 3;
  const at = (power: number) => syllables[Math.floor(place / syllables.length ** power) % syllables.length]!;
  return at(2) + at(1) + at(0);
}

/** Where a change lies: the source sorts behind all that are captured, so that nobody seals or hands out these. */
export const source = 'zz';
export const positionOf = (number: number) => BigInt(number) * 512n + 0x100_0000n;

const hexadecimal = (value: bigint) => value.toString(16).padStart(16, '0');

/** The collections behind the API's lists; the changelog has as many documents as the size says. */
export const growingCollections: Readonly<Record<string, GrowingCollection>> = {
  entity_changelog: {
    share: 1,
    describe: (number, count) => ({
      _id: `${source}:${hexadecimal(positionOf(number))}:00000000`,
      ...entityOf(number, count),
      operation: 'UPDATE',
      old_value: { status: 'open', budget: number },
      new_value: { status: 'done', budget: number + 1, note: 'x'.repeat(100) },
      changed_fields: ['status', 'budget'],
      changed_by: shared(number, user, 'u'),
      schema_name: 'public',
      table_name: 'projects',
      transaction_id: String(number),
      lsn: `0/${number.toString(16)}`,
      source: 'application',
    }),
  },
  field_audit_log: {
    share: 0.1,
    describe: (number, count) => ({
      _id: `${source}:${hexadecimal(positionOf(number))}:00000000:status`,
      ...entityOf(number, count),
      change_id: `${source}:${hexadecimal(positionOf(number))}:00000000`,
      field: 'status',
      changed_by: shared(number, user, 'u'),
    }),
  },
  api_request_log: {
    share: 0.1,
    describe: (number) => ({
      method: 'GET',
      route: `/api/v1/${words[number % 8]}`,
      path: `/api/v1/${words[number % 8]}`,
      status: 200,
      status_class: 2,
      user_id: shared(number, user, 'u'),
    }),
  },
  notification_delivery: {
    share: 0.1,
    describe: (number, count) => ({
      notification_id: `n-${number}`,
      recipient_id: shared(number, user, 'u'),
      channel: 'in_app',
      type: 'task.assigned',
      state: 'delivered',
      title: 'A task is yours',
      body: 'The survey of the bridge is yours',
      // However many there were, people leave the last few unread.
      ...(count - number <= 1_000 && { unread: true }),
    }),
  },
  chat_message: {
    share: 0.1,
    describe: (number) => ({
      channel: number % 2 === 0 ? 'growth' : `growth-${number % 500}`,
      seq: number + 1,
      sender_id: user,
      client_message_id: `c-${number}`,
      body: `The ${words[number % 8]} is done`,
      ...(number % 10 === 0 && {
        mentions: [user],
        links: [{ entity_type: 'projects', entity_id: '0' }],
      }),
    }),
  },
  comment_thread: {
    share: 0.1,
    describe: (number, count, at) => ({
      ...(number % 10 === 0 ? { entity_type: 'projects', entity_id: '0' } : entityOf(number, count)),
      scopes: ['*'],
      comments: [
        {
          comment_id: `c-${number}`,
          author_id: user,
          body: 'Look at this',
          mentions: [user],
          created_at: at,
        },
      ],
      subscriptions: [{ user_id: shared(number, user, 'u'), reason: 'author', since: at }],
      comment_count: 1,
      created_by: user,
    }),
  },
  email_communication: {
    share: 0.1,
    describe: (number, count) => ({
      ...(number % 10 === 0 ? { entity_type: 'projects', entity_id: '0' } : entityOf(number, count)),
      message_id: `m-${number}@site.example`,
      thread_id: number % 10 === 0 ? 'm-0@site.example' : `m-${number}@site.example`,
      participants: [shared(number, 'inspector@site.example', 'person')],
      subject: `The ${words[number % 8]}`,
      text_body: 'x'.repeat(300),
    }),
  },
  attachment_metadata: {
    share: 0.1,
    describe: (number, count, at) => ({
      ...(number % 10 === 0 ? { entity_type: 'projects', entity_id: '0' } : entityOf(number, count)),
      file_id: `f-${number}`,
      is_current: true,
      state: 'stored',
      file_name: `${words[number % 8]}.pdf`,
      content_type: 'application/pdf',
      object_key: `o-${number}`,
      sha256: digest,
      scan: { verdict: 'clean', scanned_at: at },
    }),
  },
  dashboard_layout: {
    share: 0.1,
    describe: (number) => ({
      user_id: number < 20 ? user : `u-${number % 5_000}`,
      dashboard_id: `d-${number}`,
      name: 'Overview',
      columns: 12,
      is_template: true,
      shared_with: number % 10 === 0 ? [{ kind: 'user', id: user, access: 'view' }] : [],
    }),
  },
  dead_letter_event: {
    share: 0.1,
    describe: (number) => ({
      origin: 'capture',
      target: shared(number, 'consumer:search-index', 'webhook'),
      reason: { code: 'store.unreachable', message: 'No answer' },
      payload: { note: 'x'.repeat(300) },
      attempts: 1,
      state: 'open',
      replayable: true,
    }),
  },
  analytics_aggregate: {
    share: 0.1,
    describe: (number) => ({
      metric: number % 10 === 0 ? 'growth.metric' : `metric-${number % 500}`,
      granularity: 'daily',
      dimensions_hash: number.toString(16).padStart(64, '0'),
      count: 1,
    }),
  },
  search_index_cache: {
    share: 1,
    describe: (number) => ({
      entity_type: 'projects',
      entity_id: String(number),
      title: `${wordOf(number)} ${number}`,
      suggest_terms: [`${wordOf(number)} ${number}`, wordOf(number), String(number)],
      scopes: ['*'],
    }),
  },
};
