import { expect, it } from '@jest/globals';
import type { Change } from '@infratraq/capture';
import { withholdSensitive } from './withhold-sensitive.js';

const withhold = async (change: object) => {
  const seen: Change[] = [];
  const consumer = { name: 'test', handle: async (changes: readonly Change[]) => void seen.push(...changes) };
  const hidden = new Set(['projects salary', 'projects columns', 'projects reason']);
  const withheld = withholdSensitive(consumer as never, async () => hidden);
  await withheld.handle(
    [{ entity_type: 'projects', old_value: null, ...change }] as never,
    undefined as never,
  );
  return seen[0]!.new_value;
};

it('gives rows without hidden columns', async () => {
  expect(await withhold({ operation: 'INSERT', new_value: { id: 1, salary: 2 } })).toEqual({ id: 1 });
});

it('gives what is said of a whole table whole, but for the values of hidden columns that are added', async () => {
  const columns = [
    { name: 'id' },
    { name: 'salary', added: true, value: 2 },
    { name: 'n', added: true, value: null },
  ];
  expect(
    await withhold({ operation: 'ALTER', whole_table: true, new_value: { columns, dropped: [] } }),
  ).toEqual({
    columns: [{ name: 'id' }, { name: 'salary', added: true }, { name: 'n', added: true, value: null }],
    dropped: [],
  });
  const gap = { reason: 'left out' };
  expect(await withhold({ operation: 'GAP', whole_table: true, new_value: gap })).toEqual(gap);
});
