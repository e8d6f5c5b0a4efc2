import { defineNotificationType, type NotificationType } from '@infratraq/notifications';
import { plainText } from '@infratraq/transport';
import { z } from 'zod';

const comment = z.object({
  entity_type: z.string(),
  entity_id: z.string(),
  thread_id: z.string(),
  comment_id: z.string(),
  author_id: z.string(),
  excerpt: z.string(),
});
const commentUrl = '/?entity={{ entity_type | url_encode }}:{{ entity_id | url_encode }}#{{ comment_id }}';

/** Somebody wrote in a thread that the recipient follows. */
const commentAdded = defineNotificationType({
  type: 'comment.added',
  schema: comment,
  defaultChannels: ['in_app', 'email'],
  templates: {
    in_app: {
      en: {
        title: '{{ author_id }} commented on {{ entity_type }} {{ entity_id }}',
        body: '{{ excerpt }}',
        url: commentUrl,
      },
      de: {
        title: '{{ author_id }} hat {{ entity_type }} {{ entity_id }} kommentiert',
        body: '{{ excerpt }}',
        url: commentUrl,
      },
    },
    push: {
      en: { title: '{{ author_id }} commented', body: '{{ excerpt }}', url: commentUrl },
      de: { title: '{{ author_id }} hat kommentiert', body: '{{ excerpt }}', url: commentUrl },
    },
    email: {
      en: {
        subject: '{{ author_id }} commented on {{ entity_type }} {{ entity_id }}',
        html: '<p>{{ author_id }} wrote:</p><blockquote>{{ excerpt }}</blockquote>',
      },
      de: {
        subject: '{{ author_id }} hat {{ entity_type }} {{ entity_id }} kommentiert',
        html: '<p>{{ author_id }} schrieb:</p><blockquote>{{ excerpt }}</blockquote>',
      },
    },
  },
});

/** Somebody named the recipient in a comment. */
const commentMentioned = defineNotificationType({
  type: 'comment.mentioned',
  schema: comment,
  defaultChannels: ['in_app', 'push', 'email'],
  fallback: [{ channel: 'email', after_seconds: 600 }],
  templates: {
    in_app: {
      en: { title: '{{ author_id }} mentioned you', body: '{{ excerpt }}', url: commentUrl },
      de: { title: '{{ author_id }} hat dich erwähnt', body: '{{ excerpt }}', url: commentUrl },
    },
    push: {
      en: { title: '{{ author_id }} mentioned you', body: '{{ excerpt }}', url: commentUrl },
      de: { title: '{{ author_id }} hat dich erwähnt', body: '{{ excerpt }}', url: commentUrl },
    },
    email: {
      en: {
        subject: '{{ author_id }} mentioned you on {{ entity_type }} {{ entity_id }}',
        html: '<p>{{ author_id }} wrote:</p><blockquote>{{ excerpt }}</blockquote>',
      },
      de: {
        subject: '{{ author_id }} hat dich zu {{ entity_type }} {{ entity_id }} erwähnt',
        html: '<p>{{ author_id }} schrieb:</p><blockquote>{{ excerpt }}</blockquote>',
      },
    },
  },
});

/** Somebody named the recipient in a chat message. */
const chatMentioned = defineNotificationType({
  type: 'chat.mentioned',
  schema: z.object({
    channel: z.string(),
    seq: z.int(),
    sender_id: z.string(),
    message_id: z.string(),
    excerpt: z.string(),
  }),
  defaultChannels: ['in_app', 'push'],
  templates: {
    in_app: {
      en: { title: '{{ sender_id }} mentioned you in {{ channel }}', body: '{{ excerpt }}' },
      de: { title: '{{ sender_id }} hat dich in {{ channel }} erwähnt', body: '{{ excerpt }}' },
    },
    push: {
      en: { title: '{{ sender_id }} mentioned you', body: '{{ excerpt }}' },
      de: { title: '{{ sender_id }} hat dich erwähnt', body: '{{ excerpt }}' },
    },
    email: {
      en: {
        subject: '{{ sender_id }} mentioned you in {{ channel }}',
        html: '<p>{{ sender_id }} wrote:</p><blockquote>{{ excerpt }}</blockquote>',
      },
      de: {
        subject: '{{ sender_id }} hat dich in {{ channel }} erwähnt',
        html: '<p>{{ sender_id }} schrieb:</p><blockquote>{{ excerpt }}</blockquote>',
      },
    },
  },
});

const alert = z.object({
  alert_id: z.string(),
  name: z.string(),
  severity: z.string(),
  subject: z.string(),
  value: z.string(),
  condition: z.string(),
  at: z.string(),
  number: z.int(),
});

function defineAlert(event: 'fired' | 'cleared', en: string, de: string) {
  const body = '{{ subject }}: {{ value }} ({{ condition }})';
  return defineNotificationType({
    type: `alert.${event}`,
    schema: alert,
    defaultChannels: ['in_app', 'email'],
    templates: {
      in_app: { en: { title: en, body }, de: { title: de, body } },
      push: { en: { title: en, body }, de: { title: de, body } },
      email: {
        en: { subject: en, html: `<p>${body}</p><p>{{ at }}</p>` },
        de: { subject: de, html: `<p>${body}</p><p>{{ at }}</p>` },
      },
      sms: { en: { body: `${en}: ${body}` }, de: { body: `${de}: ${body}` } },
    },
  });
}

/** A condition that somebody watches has come about. */
const alertFired = defineAlert('fired', '{{ severity }}: {{ name }}', '{{ severity }}: {{ name }}');
/** It is over. */
const alertCleared = defineAlert('cleared', 'Over: {{ name }}', 'Vorbei: {{ name }}');

/** What operators tell people in their own words. */
const noticePosted = defineNotificationType({
  type: 'notice.posted',
  schema: z.object({
    title: plainText({ characters: 200 }),
    body: plainText({ characters: 5_000, lines: true, empty: true }),
    url: z
      .string()
      .max(2_000)
      .regex(
        /^(https?:\/\/|\/(?!\/)|[?#])[^\s\\]*$/i,
        'is a page of this server (/…) or an address with https://',
      )
      .optional(),
  }),
  defaultChannels: ['in_app', 'email'],
  templates: {
    in_app: { en: { title: '{{ title }}', body: '{{ body }}', url: '{% if url %}{{ url }}{% endif %}' } },
    push: { en: { title: '{{ title }}', body: '{{ body }}', url: '{% if url %}{{ url }}{% endif %}' } },
    email: {
      en: {
        subject: '{{ title }}',
        html: '<p>{{ body | escape | newline_to_br | raw }}</p>{% if url %}<p><a href="{{ url }}">{{ url }}</a></p>{% endif %}',
      },
    },
    sms: { en: { body: '{{ title }}' } },
  },
});

/** Every type that this server sends. */
export const notificationTypes: readonly NotificationType[] = [
  commentAdded,
  commentMentioned,
  chatMentioned,
  alertFired,
  alertCleared,
  noticePosted,
];
