import { execFileSync } from 'node:child_process';
import { formatFiles, names, type Tree } from '@nx/devkit';

interface CollectionOptions {
  name: string;
  category: string;
  purpose?: string;
  retentionDays?: number;
}

/** Adds a collection to a category: its class and one line; afterwards the generated files are made anew. */
export default async function generateCollection(
  tree: Tree,
  options: CollectionOptions,
): Promise<() => void> {
  const { fileName, className } = names(options.name);
  const folder = `packages/${options.category}/src`;
  const list = `${folder}/collections.ts`;
  const lines = tree.read(list, 'utf8');
  if (lines === null) throw new Error(`${list} does not exist; choose a category that has collections`);
  const path = `${folder}/${fileName}.ts`;
  if (tree.exists(path)) throw new Error(`${path} exists already; choose another name`);
  tree.write(path, writeClass(className, fileName.replaceAll('-', '_'), options));
  tree.write(list, `${lines.trimEnd()}\nexport { ${className} } from './${fileName}.js';\n`);
  await formatFiles(tree);
  return () => execFileSync('npm', ['run', 'generate', '--silent'], { stdio: 'inherit', cwd: tree.root });
}

function writeClass(className: string, collection: string, options: CollectionOptions): string {
  const purpose = options.purpose ?? `${className.replace(/([a-z])([A-Z])/g, '$1 $2')} records`;
  return `import 'reflect-metadata';
import { Collection, days, expiresAfter, growth } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

/** ${purpose}. */
@Collection<${className}>({
  name: '${collection}',
  purpose: ${JSON.stringify(purpose)},
  time: 'created_at',
  retention: expiresAfter(days(${options.retentionDays ?? 90})),
  archive: 'never',
  growth: growth('moderate', { documentBytes: 1_000, documentsPerDay: 1_000 }),
  traits: ['append-only', 'flexible-payload'],
  indexes: [],
  shardKey: { _id: 'hashed' },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class ${className} {
  @prop({ type: Date, required: true })
  created_at!: Date;

  @prop({ type: String, required: true, maxlength: 200 })
  entity_type!: string;

  @prop({ type: String, required: true, maxlength: 1_000 })
  entity_id!: string;

  @prop({ type: Schema.Types.Mixed })
  payload?: Record<string, unknown>;

  @prop({ type: String, maxlength: 200 })
  user_id?: string;

  @prop({ type: String, maxlength: 200 })
  cause_id?: string;
}
`;
}
