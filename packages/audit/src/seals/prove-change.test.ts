import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { proveChange } from './prove-change.js';
import { openSealedTrail, type SealedTrail } from '../testing/open-sealed-trail.js';

let trail: SealedTrail;

beforeEach(async () => {
  trail = await openSealedTrail();
  await trail.addBridges(1, 5);
});
afterEach(() => trail.close());

describe('a proof of inclusion', () => {
  const script = fileURLToPath(new URL('../../../../tools/check-audit-proof.mjs', import.meta.url));
  const check = promisify(execFile);

  it('is checked without the product, and fails for other content', async () => {
    await trail.sealer().seal();
    const id = await trail.changeOf(4);
    const proof = await proveChange(trail.models, trail.keeper, id);
    const file = join(trail.folder, 'proof.json');
    const published = join(trail.folder, 'seal.json');
    await writeFile(published, (await trail.publisher.read(1))!);
    await writeFile(file, JSON.stringify(proof));
    expect((await check(process.execPath, [script, file, published])).stdout).toContain(
      `${id} is under seal 1`,
    );
    await writeFile(
      file,
      JSON.stringify({ ...proof, content: proof.content.replace('bridge 4', 'bridge 9') }),
    );
    await expect(check(process.execPath, [script, file])).rejects.toMatchObject({
      stderr: expect.stringContaining('not under the seal'),
    });
    const otherSeal = { ...proof, seal: { ...proof.seal, chain_head: '0'.repeat(64) } };
    await writeFile(file, JSON.stringify(otherSeal));
    await expect(check(process.execPath, [script, file, published])).rejects.toMatchObject({
      stderr: expect.stringContaining('another chain_head'),
    });
  });

  it('is not there for what is unknown or not sealed yet', async () => {
    const prove = (id: string) => proveChange(trail.models, trail.keeper, id);
    await expect(prove('nothing')).rejects.toMatchObject({ code: 'audit.change-unknown' });
    await expect(prove(await trail.changeOf(1))).rejects.toMatchObject({ code: 'audit.change-unsealed' });
  });
});
