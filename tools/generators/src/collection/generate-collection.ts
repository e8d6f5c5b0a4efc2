import { execFileSync } from 'node:child_process';
import { formatFiles, names, type Tree } from '@nx/devkit';

interface CollectionOptions {
  name: string;
  category: string;
  purpose?: string;
  retentionDays?: number;
}

/** Names that the class would share with what its file imports, or with a type of JavaScript. */
const takenByOthers = new Set(['Collection', 'Date', 'Record', 'Schema', 'Severity']);

/** Adds a collection to a category: its class and one line; afterwards the generated files are made anew. */
export default async function generateCollection(
  tree: Tree,
  options: CollectionOptions,
): Promise<() => void> {
  const { fileName, className } = readNames(options.name);
  const folder = `packages/${options.category}/src`;
  const list = `${folder}/collections.ts`;
  const lines = tree.read(list, 'utf8');
  if (lines === null) throw new Error(`${list} does not exist; choose a category that has collections`);
  if (options.purpose?.includes('*/'))
    throw new Error('The purpose may not contain */; it becomes a comment');
  refuseTakenName(tree, options.category, fileName, className);
  tree.write(
    `${folder}/collections/${fileName}.ts`,
    writeClass(className, fileName.replaceAll('-', '_'), options),
  );
  tree.write(list, `${lines.trimEnd()}\nexport { ${className} } from './collections/${fileName}.js';\n`);
  await formatFiles(tree);
  return () => execFileSync('npm', ['run', 'generate', '--silent'], { stdio: 'inherit', cwd: tree.root });
}

/** The file and the class that a name stands for. */
function readNames(name: string): { fileName: string; className: string } {
  if (!/^[A-Za-z][A-Za-z0-9]*([-_][A-Za-z][A-Za-z0-9]*)*$/.test(name))
    throw new Error(
      `${JSON.stringify(name)} is no name of a collection; write letters and digits, and - or _ between words: lift-inspection`,
    );
  return names(name);
}

/** Collections of all categories share one store; a class shares the public names of its package. */
function refuseTakenName(tree: Tree, category: string, fileName: string, className: string): void {
  for (const name of tree.children('packages')) {
    const path = `packages/${name}/src/collections/${fileName}.ts`;
    if (tree.exists(path)) throw new Error(`${path} exists already; choose another name`);
  }
  const index = tree.read(`packages/${category}/src/index.ts`, 'utf8') ?? '';
  if (takenByOthers.has(className) || new RegExp(`\\b${className}\\b`).test(index))
    throw new Error(`The name ${className} is taken in ${category} already; choose another name`);
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
