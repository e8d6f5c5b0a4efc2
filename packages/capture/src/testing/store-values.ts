import { expect } from '@jest/globals';
import type { RowValue } from '../encoding/change.js';
import type { Capture } from '../leading/capture.js';
import { readNamedTypes, renderLiteral } from '../values/render-literal.js';
import type { CaptureBench } from './open-capture-bench.js';

/** A value as SQL writes it, and as it is to be found in the documents. */
export type StoredCase = [type: string, literal: string, stored: unknown];

/**
 * Expects each value to be stored as told, in the row before and the row after an update, and to be the same in
 * PostgreSQL when it is written back.
 */
export async function expectStored(
  bench: CaptureBench,
  capture: Capture,
  cases: StoredCase[],
): Promise<void> {
  const table = `samples_${crypto.randomUUID().replaceAll('-', '')}`;
  const columns = cases.map(([type], index) => `c${index} ${type}`).join(', ');
  await bench.query(`create table ${table} (id int primary key, touched bool, ${columns})`);
  await bench.query(
    `insert into ${table} values (1, false, ${cases.map((_, index) => `$${index + 1}`).join(', ')})`,
    cases.map(([, literal]) => literal),
  );
  await bench.query(`update ${table} set touched = true`);
  await bench.catchUp(capture);
  const [, update] = await bench.changelog
    .find({ entity_type: table }, { promoteLongs: false })
    .sort({ _id: 1 })
    .toArray();
  expect(update!.changed_fields).toEqual(['touched']);
  for (const row of [update!.old_value!, update!.new_value!]) {
    cases.forEach(([type, literal, stored], index) =>
      expect([type, literal, row[`c${index}`]]).toEqual([type, literal, stored]),
    );
  }
  await expectRestored(bench, cases, update!.new_value!);
}

/** JSON that became a document is compared by its meaning; all else by its text, which tells even scales and bounds apart. */
async function expectRestored(bench: CaptureBench, cases: StoredCase[], row: RowValue): Promise<void> {
  const types = await readNamedTypes(
    bench.postgres.pool,
    cases.map(([type]) => type),
  );
  for (const [index, [type, literal]] of cases.entries()) {
    const value = row[`c${index}`];
    const byMeaning = /^jsonb?$/.test(type) && typeof value !== 'string';
    const cast = byMeaning ? '::jsonb' : type === 'jsonb[]' ? '' : '::text';
    const [result] = await bench.query(
      `select ${renderLiteral(value, type, types)}${cast} is not distinct from
       ($1::text)::${type}${cast} as same`,
      [literal],
    );
    expect({ type, literal, ...result }).toEqual({ type, literal, same: true });
  }
}
