import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

describe('files in the server', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await openTestServer();
  });
  afterAll(() => server.close());

  it('are attached, fetched by a link that says nothing to browsers but to save it, and leave a record of activity', async () => {
    const token = await server.tokenOf('u-engineer-1', ['member']);
    const authorization = { authorization: `Bearer ${token}` };
    const form = new FormData();
    form.set('file', new File(['<script>alert(1)</script>'], 'plan.html', { type: 'text/html' }));
    const path = '/api/v1/entities/projects/42/attachments';
    const attached = await server.call<{ file_id: string }>(path, {
      method: 'POST',
      headers: authorization,
      body: form,
    });
    expect(attached).toMatchObject({
      status: 201,
      body: { content_type: 'text/plain', is_downloadable: true },
    });
    const { file_id } = attached.body;
    const user = await server.as('u-engineer-1', 'member');
    const link = await user<{ url: string }>(
      'POST',
      `/entities/projects/42/attachments/${file_id}/links`,
      {},
    );
    const download = await fetch(new URL(link.body.url, server.url), { headers: { range: 'bytes=0-7' } });
    expect([download.status, await download.text()]).toEqual([206, '<script>']);
    expect(Object.fromEntries(download.headers)).toMatchObject({
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'content-disposition': 'attachment; filename=plan.html',
    });
    const activity = await eventually(
      () => server.mongodbDocuments('user_activity_event', { entity_type: 'projects', entity_id: '42' }),
      (documents) => documents.length === 3,
    );
    expect(activity.map(({ event_type, user_id }) => [event_type, user_id]).sort()).toEqual([
      ['attachment:downloaded', 'u-engineer-1'],
      ['attachment:linked', 'u-engineer-1'],
      ['attachment:stored', 'u-engineer-1'],
    ]);
  });

  it('can be uploaded in pieces', async () => {
    const token = await server.tokenOf('u-engineer-1', ['member']);
    const headers = { authorization: `Bearer ${token}`, 'tus-resumable': '1.0.0' };
    const begun = await fetch(new URL('/api/v1/entities/projects/43/attachments/uploads', server.url), {
      method: 'POST',
      headers: { ...headers, 'upload-length': '6', 'upload-metadata': 'filename cGxhbi50eHQ=' },
    });
    expect(begun.status).toBe(201);
    const upload = new URL(begun.headers.get('location') as string, server.url);
    for (const [offset, content] of [
      ['0', 'abc'],
      ['3', 'def'],
    ] as const) {
      const answer = await fetch(upload, {
        method: 'PATCH',
        headers: { ...headers, 'content-type': 'application/offset+octet-stream', 'upload-offset': offset },
        body: content,
      });
      expect(answer.status).toBe(204);
    }
    const user = await server.as('u-engineer-1', 'member');
    const { body } = await user<{ items: object[] }>('GET', '/entities/projects/43/attachments');
    expect(body.items).toMatchObject([{ file_name: 'plan.txt', size_bytes: 6 }]);
  });

  it('are described', async () => {
    const { body } = await server.call<{ paths: Record<string, object> }>('/openapi.json');
    const described = Object.entries(body.paths).filter(([path]) => /attachments|objects/.test(path));
    expect(described.map(([path, methods]) => `${Object.keys(methods).join(',')} ${path}`)).toEqual([
      'get /api/v1/attachments/content',
      'get,post /api/v1/entities/{type}/{id}/attachments',
      'options,post /api/v1/entities/{type}/{id}/attachments/uploads',
      'options,head,patch,delete /api/v1/entities/{type}/{id}/attachments/uploads/{upload_id}',
      'get,delete /api/v1/entities/{type}/{id}/attachments/{file_id}',
      'get /api/v1/entities/{type}/{id}/attachments/{file_id}/content',
      'delete,post /api/v1/entities/{type}/{id}/attachments/{file_id}/links',
      'post /api/v1/entities/{type}/{id}/attachments/{file_id}/restore',
      'get /api/v1/entities/{type}/{id}/attachments/{file_id}/thumbnail',
      'post /api/v1/entities/{type}/{id}/attachments/{file_id}/versions',
      'get /api/v1/objects',
    ]);
  });
});
