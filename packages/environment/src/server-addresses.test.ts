import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { announceServer, findServer } from './index.js';

const addresses = {
  url: 'http://127.0.0.1:1',
  mongodbUri: 'mongodb://127.0.0.1:2/a',
  postgresUrl: 'postgres://127.0.0.1:3/a',
};

describe('an announced server', () => {
  let directory: string;
  beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), 'infratraq-addresses-'))));
  afterAll(() => rm(directory, { recursive: true }));

  it('is found while it runs, by its own user only, and not after it withdrew', async () => {
    expect(await findServer(directory)).toBeUndefined();
    const withdraw = await announceServer(directory, addresses);
    expect(await findServer(directory)).toEqual(addresses);
    expect((await stat(join(directory, 'server.json'))).mode & 0o077).toBe(0);
    await withdraw();
    expect(await findServer(directory)).toBeUndefined();
  });

  it('is not found when it was killed', async () => {
    await writeFile(join(directory, 'server.json'), JSON.stringify({ ...addresses, pid: 2 ** 30 }));
    expect(await findServer(directory)).toBeUndefined();
  });
});
