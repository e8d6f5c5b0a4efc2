import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineNotificationType, type NotificationTemplates } from './notification-type.js';
import { chooseLocale } from './choose-locale.js';
import { TemplateCatalog } from './template-catalog.js';

const schema = z.object({
  title: z.string(),
  due: z.string().optional(),
  people: z.array(z.object({ name: z.string() })),
  anything: z.record(z.string(), z.string()),
});
const data = { title: 'Deck <7> & co', people: [{ name: 'Ada' }, { name: '<Bea>' }], anything: {} };
const ada = { name: 'Ada & Co' };

function catalogOf(templates: NotificationTemplates) {
  return new TemplateCatalog([
    defineNotificationType({ type: 'task.assigned', schema, defaultChannels: [], templates }),
  ]);
}
const email = (html: string, rest: object = {}) =>
  catalogOf({ email: { en: { subject: '{{ title }}', html, ...rest } } });

describe('a template', () => {
  it('escapes in HTML and not in text, and makes the text part from the HTML', () => {
    const html =
      '<h1>{{ title }}</h1><p>For {{ recipient.name }}: {% for person in people %}{{ person.name }} {% endfor %}</p><a href="https://example.com/7">Open</a>';
    const text = email(html).render('task.assigned', 'email', 'en', data, ada);
    expect(text.title).toBe('Deck <7> & co');
    expect(text.html).toContain('<h1>Deck &lt;7&gt; &amp; co</h1><p>For Ada &amp; Co: Ada &lt;Bea&gt;');
    expect(text.body).toContain('DECK <7> & CO');
    expect(text.body).toContain('For Ada & Co: Ada <Bea>');
    expect(text.body).toContain('https://example.com/7');
    expect(
      email('<p>x</p>', { text: 'own {{ title }}' }).render('task.assigned', 'email', 'en', data, ada).body,
    ).toBe('own Deck <7> & co');
  });

  it('puts no line break into a title, whatever the data holds', () => {
    const split = { ...data, title: 'Hello\r\nBcc: everybody@example.com' };
    expect(email('<p></p>').render('task.assigned', 'email', 'en', split, ada).title).toBe(
      'Hello Bcc: everybody@example.com',
    );
  });

  it.each([
    ['{{ titel }}', 'notification.variable'],
    ['{{ people[0].age }}', 'notification.variable'],
    ['{{ title.length }}', 'notification.variable'],
    [
      '{{ people.first.name }} {{ people.size }} {{ anything.at_all }} {{ due | default: "soon" }}',
      undefined,
    ],
    ['{% if title %}', 'notification.template'],
    ['{{ title | shout }}', 'notification.template'],
    ['{% include "/etc/passwd" %}', 'notification.template'],
  ])('is held against the data of its type when it is declared: %s', (body, rule) => {
    const declare = () => catalogOf({ sms: { en: { body } } });
    if (rule === undefined) expect(declare).not.toThrow();
    else expect(declare).toThrow(expect.objectContaining({ code: `definition.${rule}` }));
  });

  it.each([
    ['reads what is missing', '{{ due }}'],
    ['never ends', '{% for a in (1..100000) %}{% for b in (1..100000) %}x{% endfor %}{% endfor %}'],
    ['takes too many steps', '{% for a in (1..1000) %}{% for b in (1..1000) %}{% endfor %}{% endfor %}'],
    [
      'fills the memory',
      '{% assign s = "x" %}{% for a in (1..60) %}{% assign s = s | append: s %}{% endfor %}{{ s }}',
    ],
  ])('that %s is refused with an error of ours', (_what, body) => {
    const catalog = catalogOf({ sms: { en: { body } } });
    expect(() => catalog.render('task.assigned', 'sms', 'en', data, ada)).toThrow(
      expect.objectContaining({ code: 'notification.rendering' }),
    );
  });

  it('is filled also where the machine stands still meanwhile', () => {
    const catalog = catalogOf({ sms: { en: { body: '{{ people.first.name }}, {{ title }}' } } });
    const slow = {
      get name() {
        for (const until = performance.now() + 300; performance.now() < until;);
        return 'Ada';
      },
    };
    const late = { ...data, people: [slow], title: 'late' };
    expect(catalog.render('task.assigned', 'sms', 'en', late, ada).body).toBe('Ada, late');
  });

  it('is chosen by the language of the reader, and that is said with its version', () => {
    const catalog = catalogOf({ sms: { en: { body: 'en' }, de: { body: 'de' }, 'pt-BR': { body: 'br' } } });
    const read = (locale: string) => catalog.render('task.assigned', 'sms', locale, data, ada);
    expect(['de-AT', 'de-Latn-AT', 'DE', 'pt-br', 'pt', 'fr'].map((locale) => read(locale).body)).toEqual([
      'de',
      'de',
      'de',
      'br',
      'en',
      'en',
    ]);
    expect(read('de-AT').template).toEqual({
      name: 'task.assigned/sms',
      locale: 'de',
      version: expect.stringMatching(/^[0-9a-f]{12}$/),
    });
    expect(read('de').template.version).not.toBe(read('en').template.version);
  });
});

it('falls back to the first language where neither the wanted one nor English is there', () => {
  expect(chooseLocale('fr', ['de', 'it'])).toBe('de');
  expect(chooseLocale('fr', [])).toBeUndefined();
});

it('refuses data that its type does not have, and tells where', () => {
  const catalog = catalogOf({});
  expect(() => catalog.parseData('task.assigned', { title: 7 })).toThrow(
    expect.objectContaining({ code: 'notification.data', message: expect.stringContaining('/data/title') }),
  );
  expect(() => catalog.parseData('no.type', {})).toThrow(
    expect.objectContaining({ code: 'notification.type-unknown' }),
  );
});
