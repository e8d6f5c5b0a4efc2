import { z } from 'zod';
import { defineNotificationType } from '../templates/notification-type.js';

/** Words digests; an application that declares a type of this name replaces it. */
export const defaultDigestType = defineNotificationType({
  type: 'notification.digest',
  schema: z.object({
    count: z.int(),
    more: z.int(),
    items: z.array(z.object({ title: z.string(), body: z.string(), url: z.string().nullable() })),
  }),
  defaultChannels: ['email'],
  templates: {
    email: {
      en: {
        subject: '{{ count }} {% if count == 1 %}notification{% else %}notifications{% endif %}',
        html:
          '<ul>{% for item in items %}<li><strong>{{ item.title }}</strong><br>{{ item.body }}' +
          '{% if item.url %} <a href="{{ item.url }}">Open</a>{% endif %}</li>{% endfor %}</ul>' +
          '{% if more > 0 %}<p>and {{ more }} more</p>{% endif %}',
      },
      de: {
        subject: '{{ count }} {% if count == 1 %}Benachrichtigung{% else %}Benachrichtigungen{% endif %}',
        html:
          '<ul>{% for item in items %}<li><strong>{{ item.title }}</strong><br>{{ item.body }}' +
          '{% if item.url %} <a href="{{ item.url }}">Öffnen</a>{% endif %}</li>{% endfor %}</ul>' +
          '{% if more > 0 %}<p>und {{ more }} weitere</p>{% endif %}',
      },
    },
    push: {
      en: {
        title: '{{ count }} {% if count == 1 %}notification{% else %}notifications{% endif %}',
        body: '{{ items.first.title }}{% if count > 1 %} …{% endif %}',
      },
      de: {
        title: '{{ count }} {% if count == 1 %}Benachrichtigung{% else %}Benachrichtigungen{% endif %}',
        body: '{{ items.first.title }}{% if count > 1 %} …{% endif %}',
      },
    },
    sms: {
      en: { body: '{{ count }} new: {{ items.first.title }}{% if count > 1 %} …{% endif %}' },
      de: { body: '{{ count }} neu: {{ items.first.title }}{% if count > 1 %} …{% endif %}' },
    },
  },
});
