import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../..');

/** Pages that show an example whole: readers copy it, and what they copy is what is compiled and run. */
const pages = [
  ['README.md', 'messaging'],
  ['docs/guides/chat.md', 'messaging'],
  ['docs/guides/attachments.md', 'guides/attachments'],
  ['docs/guides/email-history.md', 'guides/email-history'],
  ['docs/guides/existing-application.md', '../applications/fastify-files/main'],
  ['docs/guides/existing-application.md', '../applications/express-chat/main'],
  ['docs/guides/existing-application.md', '../applications/nest-notifications/application.module'],
] as const;

it.each(pages)('%s shows the example of %s as it is run', async (page, example) => {
  const [text, source] = await Promise.all(
    [page, `examples/src/${example}.ts`].map((path) => readFile(join(root, path), 'utf8')),
  );
  const shown = [...(text as string).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block);
  // A page says in its own words what the example's opening comment says.
  expect(shown).toContain((source as string).replace(/^(\/\/.*\n)+/, ''));
});
