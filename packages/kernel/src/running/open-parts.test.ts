import { expect, it } from '@jest/globals';
import { openParts, type Defer } from './open-parts.js';

const record = (order: string[], name: string, fault?: Error) => async () => {
  order.push(name);
  if (fault) throw fault;
};

it('closes the last part first, once', async () => {
  const order: string[] = [];
  const opened = await openParts(async (defer) => {
    defer(record(order, 'database'));
    defer(record(order, 'service'));
    return { answer: 42 };
  });
  expect(opened.answer).toBe(42);
  await Promise.all([opened.close(), opened.close()]);
  expect(order).toEqual(['service', 'database']);
});

it('closes what is open when a later part cannot be opened', async () => {
  const order: string[] = [];
  const opening = openParts(async (defer: Defer): Promise<object> => {
    defer(record(order, 'database'));
    throw new Error('No service');
  });
  await expect(opening).rejects.toThrow('No service');
  expect(order).toEqual(['database']);
});

it('closes all parts although one fails, and then tells its error', async () => {
  const order: string[] = [];
  const { close } = await openParts(async (defer) => {
    defer(record(order, 'database'));
    defer(record(order, 'service', new Error('Still busy')));
    return {};
  });
  await expect(close()).rejects.toThrow('Still busy');
  expect(order).toEqual(['service', 'database']);
});
