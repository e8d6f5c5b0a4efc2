import { describe, expect, it } from '@jest/globals';
import { ConflictError, type EntityFiles, type LentFile } from '@infratraq/kernel';
import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { EmailHistory } from '../../index.js';
import { headersOf, mailbox, useEmailHistory } from '../../testing/use-email-history.js';

const mails = useEmailHistory();

/** Files of entities, which take no programs; each step may fail on the way there or on the way back. */
class HeldFiles implements EntityFiles {
  readonly held = new Map<string, LentFile>();
  readonly asked: string[] = [];

  async attach(file: LentFile) {
    this.asked.push(file.key);
    if (file.file_name.endsWith('.exe'))
      return { refusal: { code: 'attachment.type-refused', message: 'programs are not taken' } };
    this.held.set(file.key, file);
    return { file_id: `file of ${file.key}` };
  }

  async fetch({ file_id }: { file_id: string }) {
    const file = this.held.get(file_id.replace('file of ', ''));
    if (!file) throw new ConflictError('The file is being scanned', 'attachment.scan-pending');
    return { object_key: file.object_key, file_name: file.file_name, content_type: 'text/plain' };
  }
}

const entity = { entity_type: 'projects', entity_id: '42' };

function withFiles(files: EntityFiles, changed: object = {}): EmailHistory {
  const { objects, history, confinedJobs } = mails;
  const { models } = mails.database;
  const { access, addressing } = history;
  const options = { models, access, objects, addressing, files, confinedJobs };
  return new EmailHistory({ ...options, ...changed });
}

function mailWithFiles(id: string, names: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const parts = names.flatMap((name) => [
    '--b',
    `Content-Type: text/html; name="${name}"`,
    'Content-Disposition: attachment',
    '',
    `${name} of ${id}`,
  ]);
  const headers = headersOf(id, { 'Content-Type': 'multipart/mixed; boundary=b', ...more });
  return {
    raw: Buffer.from([...headers, '', '--b', '', 'See these.', ...parts, '--b--', ''].join('\r\n')),
    mailbox,
  };
}

const newId = () => `${randomUUID()}@mail.example`;
const toEntity = { To: 'inbox+projects.42@infratraq.example' };

describe('files of a mail', () => {
  it('become files of its entity, and a refused one stays with the mail, with the reason', async () => {
    const files = new HeldFiles();
    const history = withFiles(files);
    const { mail } = await history.receive(
      mailWithFiles('named@mail.example', ['plan.txt', 'setup.exe'], toEntity),
    );
    const id = mail._id.toHexString();
    expect(mail).toMatchObject({ ...entity, text_body: expect.stringContaining('See these.') });
    expect(mail.attachments).toMatchObject([
      { file_name: 'plan.txt', file_id: `file of email/${id}/0` },
      { file_name: 'setup.exe', refusal: { code: 'attachment.type-refused' } },
    ]);
    expect([...files.held.values()]).toMatchObject([
      { ...entity, source: 'email', uploaded_by: 'email:inspector@site.example' },
    ]);
    const fetched = await history.fetchFile(mail, 0);
    expect((await buffer((await mails.objects.get(fetched.object_key)).body)).toString()).toBe(
      'plan.txt of named@mail.example',
    );
    await expect(history.fetchFile(mail, 1)).rejects.toMatchObject({
      code: 'mail.file-refused',
      message: expect.stringContaining('programs are not taken'),
    });
    files.held.clear();
    await expect(history.fetchFile(mail, 0)).rejects.toMatchObject({ code: 'attachment.scan-pending' });
  });

  it('wait with their mail until an answer of ours brings it to an entity', async () => {
    const files = new HeldFiles();
    const history = withFiles(files);
    const [sent, later] = [newId(), newId()];
    const asked = await history.receive(mailWithFiles(later, ['c.txt']));
    expect(asked.mail.entity_id).toBeUndefined();
    expect(files.asked).toEqual([]);
    expect((await history.fetchFile(asked.mail, 0)).object_key).toMatch(/^mail\/files\//);
    await history.begin({
      message_id: sent,
      from: mailbox,
      to: ['inspector@site.example'],
      subject: 'Re: Inspection',
      in_reply_to: later,
      entity,
    });
    expect(await history.find(asked.mail._id.toHexString())).toMatchObject({
      ...entity,
      attachments: [{ file_id: expect.any(String) }],
    });
  });

  it('are there once when the mail comes again, by several ways at once', async () => {
    const files = new HeldFiles();
    const history = withFiles(files);
    const mail = mailWithFiles(newId(), ['a.txt', 'b.txt'], toEntity);
    await Promise.all([1, 2, 3].map(() => history.receive(mail)));
    const asked = files.asked.length;
    expect(await history.receive(mail)).toMatchObject({ is_new: false });
    expect(files.asked).toHaveLength(asked);
    expect(files.held.size).toBe(2);
  });

  it('are whole and there once, at whichever step the process dies and begins again', async () => {
    const ofWhole = await stepsOf(async (die) => receiveDying(die));
    expect(ofWhole).toBeGreaterThan(8);
    for (let step = 1; step <= ofWhole; step += 1) {
      const files = new HeldFiles();
      const mail = mailWithFiles(newId(), ['a.txt', 'b.exe', 'c.txt'], toEntity);
      await expect(receiveDying(dieAt(step), files, mail)).rejects.toThrow('died');
      await withFiles(files).receive(mail);
      const { mail: kept, is_new } = await withFiles(files).receive(mail);
      expect(is_new).toBe(false);
      expect(kept.attachments).toMatchObject([
        { file_name: 'a.txt', file_id: expect.any(String) },
        { file_name: 'b.exe', refusal: expect.any(Object) },
        { file_name: 'c.txt', file_id: expect.any(String) },
      ]);
      expect(files.held.size).toBe(2);
      for (const { object_key } of kept.attachments ?? [])
        expect(await mails.objects.head(object_key)).toBeDefined();
    }
  });

  it('that could not be attached when the mail came are attached when somebody asks for them', async () => {
    const files = new HeldFiles();
    const mail = mailWithFiles(newId(), ['a.txt'], toEntity);
    const away = { ...files, fetch: files.fetch, attach: () => Promise.reject(new Error('storage is away')) };
    await expect(withFiles(away).receive(mail)).rejects.toThrow('storage is away');
    const { items } = await mails.history.listOfEntity(entity, { limit: 1 });
    const [kept] = items;
    expect(kept?.attachments).toMatchObject([{ file_name: 'a.txt' }]);
    expect(kept?.attachments?.[0]?.file_id).toBeUndefined();
    expect(await withFiles(files).fetchFile(kept!, 0)).toMatchObject({ file_name: 'a.txt' });
    expect((await mails.history.find(kept!._id.toHexString())).attachments).toMatchObject([
      { file_id: expect.any(String) },
    ]);
  });
});

type Die = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Lets a number of steps happen, the last of them without anybody hearing of it. */
function dieAt(step: number): Die {
  let taken = 0;
  return async (work) => {
    taken += 1;
    if (taken > step) throw new Error('died');
    const result = await work();
    if (taken === step) throw new Error('died');
    return result;
  };
}

async function stepsOf(run: (die: Die) => Promise<unknown>): Promise<number> {
  let steps = 0;
  await run((work) => {
    steps += 1;
    return work();
  });
  return steps;
}

/** Receives a mail; everything that is stored is a step at which the process may die. */
function receiveDying(
  die: Die,
  files = new HeldFiles(),
  mail = mailWithFiles(newId(), ['a.txt', 'b.exe', 'c.txt'], toEntity),
) {
  const { models } = mails.database;
  const { objects } = mails;
  return withFiles(
    { attach: (file) => die(() => files.attach(file)), fetch: (file) => files.fetch(file) },
    {
      objects: {
        ...objects,
        put: (...input: Parameters<typeof objects.put>) => die(() => objects.put(...input)),
      },
      models: { ...models, of: (target: never) => dyingModel(models.of(target), die) },
    },
  ).receive(mail);
}

function dyingModel(model: object, die: Die): object {
  return new Proxy(model, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (!['create', 'updateOne', 'updateMany'].includes(String(name))) return value;
      return (...input: unknown[]) =>
        die(async () => (value as (...given: unknown[]) => unknown).apply(target, input));
    },
  });
}
