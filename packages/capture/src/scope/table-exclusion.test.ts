import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';
import { findTable } from './table-exclusion.js';

let bench: CaptureBench;

beforeAll(async () => {
  bench = await openCaptureBench();
});
afterAll(() => bench.close());

it('finds a table by the name that changes carry, or that SQL takes, whatever the search path', async () => {
  await bench.query(`create schema cx; create table cx.t (id int); create table "cx.t" (id int);
    create table "Mixed" (id int); create table plain (id int); create table "a""b" (id int)`);
  const client = await bench.postgres.pool.connect();
  await client.query(`set search_path = cx`);
  const found = async (name: string) => Object.values(await findTable(client, name)).join(' ');
  expect(await found('cx.t')).toBe('cx t');
  expect(await found('"cx.t"')).toBe('public cx.t');
  expect(await found('Mixed')).toBe('public Mixed');
  expect(await found('"Mixed"')).toBe('public Mixed');
  expect(await found('PLAIN')).toBe('public plain');
  expect(await found('Public.Plain')).toBe('public plain');
  expect(await found('"a""b"')).toBe('public a"b');
  for (const unknown of ['t', 'mixed', 'cx.plain', '', 'a.b.c'])
    await expect(findTable(client, unknown)).rejects.toThrow('There is no table');
  client.release(true);
});
