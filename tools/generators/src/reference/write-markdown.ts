import { antiPatterns, formatDuration, lifecycle, traits } from '@infratraq/kernel';
import { notice, page, table } from './markdown.js';
import type { CollectionDescription } from './describe-collection.js';

const source = 'the classes of the packages';

const code = (text: string): string => `\`${text}\``;

/** The page of one category. */
export function writeCategoryPage(name: string, collections: readonly CollectionDescription[]): string {
  return page(notice(source), `# ${name}`, ...collections.flatMap(writeCollection));
}

function writeCollection(collection: CollectionDescription): string[] {
  const { growth, expected } = collection;
  return [
    `## ${collection.name}`,
    `${collection.purpose}. Class ${code(collection.class)} of ${code(`@infratraq/${collection.category}`)}.`,
    table(
      ['policy', 'value'],
      [
        [
          'retention',
          `${collection.retention.text}${collection.time ? `, counted from ${code(collection.time)}` : ''}`,
        ],
        ['archive', collection.archive ?? 'not needed'],
        ['durability', collection.durability],
        [
          'growth',
          `${growth.pattern}: ${count(growth.documentsPerDay)} documents a day of ${count(growth.documentBytes)} bytes`,
        ],
        [
          'expected size',
          `${bytes(expected.bytes)} (${count(expected.documents)} documents); reported above ${bytes(expected.warnBytes)}`,
        ],
        ['traits', collection.traits.join(', ')],
        ['shard key', keyText(Object.entries(collection.shardKey))],
      ],
    ),
    ...(collection.indexes.length > 0
      ? [
          table(
            ['index', 'serves', 'options'],
            collection.indexes.map((index) => [
              code(keyText(index.key)),
              code(index.serves),
              optionsText(index),
            ]),
          ),
        ]
      : []),
    table(
      ['field', 'type', 'required', 'values'],
      collection.fields.map(({ path, type, required, values }) => [
        code(path),
        type,
        required ? 'yes' : '',
        values?.map(code).join(', ') ?? '',
      ]),
    ),
  ];
}

function keyText(key: readonly (readonly [string, unknown])[]): string {
  return key.map(([path, direction]) => (direction === 1 ? path : `${path} ${String(direction)}`)).join(', ');
}

function optionsText(index: CollectionDescription['indexes'][number]): string {
  const { unique, expireAfterSeconds, partialFilterExpression, weights } = index;
  return [
    unique && 'unique',
    expireAfterSeconds !== undefined &&
      `expires after ${expireAfterSeconds === 0 ? 'the stated time' : formatDuration(expireAfterSeconds)}`,
    partialFilterExpression && `only where ${code(JSON.stringify(partialFilterExpression))}`,
    weights && `weights ${code(JSON.stringify(weights))}`,
  ]
    .filter((option) => typeof option === 'string')
    .join('; ');
}

/** The page that lists every collection, with the lifecycle that all of them have. */
export function writeIndexPage(collections: readonly CollectionDescription[]): string {
  return page(
    notice(source),
    '# Collections',
    table(
      ['category', 'collection', 'holds', 'retention', 'archive', 'durability', 'growth'],
      collections.map(({ category, name, purpose, retention, archive, durability, growth }) => [
        `[${category}](${category}.md)`,
        `[${name}](${category}.md#${name})`,
        purpose,
        retention.text,
        archive ?? '',
        durability,
        growth.pattern,
      ]),
    ),
    '## Lifecycle',
    table(
      ['state', 'meaning', 'allows', 'next'],
      Object.entries(lifecycle).map(([state, { description, allows, next }]) => [
        code(state),
        description,
        allows.join(', '),
        next.map(code).join(', '),
      ]),
    ),
    'Which store data belongs in: [decision framework](decision-framework.md).',
  );
}

/** The page of the decision framework, from the table that `decide` implements. */
export function writeDecisionPage(): string {
  return page(
    notice(source),
    '# Decision framework',
    'One trait that needs PostgreSQL decides for it; else one that speaks for MongoDB decides for that; without any, the answer is PostgreSQL. Ask it with `infratraq decide TRAIT…`.',
    table(
      ['trait', 'store', 'because'],
      Object.entries(traits).map(([name, { store, reason }]) => [code(name), store, reason]),
    ),
    '## Never',
    antiPatterns.map(({ code: name, rule }) => `- ${rule} (${code(name)}).`).join('\n'),
  );
}

function count(value: number): string {
  return value.toLocaleString('en-GB');
}

function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), units.length - 1);
  return `${Number((value / 1_000 ** power).toPrecision(3))} ${units[power]}`;
}
