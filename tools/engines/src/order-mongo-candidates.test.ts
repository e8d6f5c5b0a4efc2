import { describe, expect, test } from '@jest/globals';
import { orderMongoCandidates, type MongoFacts } from './index.js';

const nothing: MongoFacts = {
  mongodInstalled: false,
  downloadFailedLately: false,
  rustDaemonInstalled: false,
};

describe('orderMongoCandidates', () => {
  test.each<[string, Partial<MongoFacts>, string[]]>([
    ['an empty machine', {}, ['download', 'secantus-py']],
    [
      'a machine with the Rust daemon',
      { rustDaemonInstalled: true },
      ['download', 'secantus-rs', 'secantus-py'],
    ],
    ['an installed mongod', { mongodInstalled: true }, ['mongod', 'secantus-py']],
    ['a download that failed lately', { downloadFailedLately: true }, ['secantus-py']],
    [
      'the choice of SecantusDB',
      { choice: 'secantus', rustDaemonInstalled: true },
      ['secantus-rs', 'secantus-py'],
    ],
    [
      'the choice of SecantusDB where mongod is installed',
      { choice: 'secantus', mongodInstalled: true },
      ['mongod', 'secantus-py'],
    ],
    [
      'the choice of the Python daemon',
      { choice: 'secantus-py', mongodInstalled: true, rustDaemonInstalled: true },
      ['secantus-py'],
    ],
    ['the choice of mongod', { choice: 'mongod', rustDaemonInstalled: true }, ['download']],
    ['an empty choice', { choice: '', mongodInstalled: true }, ['mongod', 'secantus-py']],
    [
      'data of the Rust daemon where mongod came later',
      { dataWrittenBy: 'secantus-rs', mongodInstalled: true, rustDaemonInstalled: true },
      ['secantus-rs'],
    ],
    ['data of a mongod that has gone', { dataWrittenBy: 'mongod' }, ['download']],
  ])('for %s', (_case, facts, expected) => {
    expect(orderMongoCandidates({ ...nothing, ...facts })).toEqual(expected);
  });

  test('refuses a data folder that no permitted engine can read', () => {
    const facts: MongoFacts = { ...nothing, choice: 'secantus-py', dataWrittenBy: 'secantus-rs' };
    expect(() => orderMongoCandidates(facts)).toThrow(expect.objectContaining({ code: 'engine.other-data' }));
  });

  test('refuses an unknown choice', () => {
    expect(() => orderMongoCandidates({ ...nothing, choice: 'oracle' })).toThrow(
      expect.objectContaining({ code: 'engine.unknown-choice' }),
    );
  });
});
