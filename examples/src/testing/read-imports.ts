import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { WorkspacePackage } from './pack-packages.js';

/** What a module needs of other packages: what it imports at once, and what it imports only when that is asked for. */
export interface Needs {
  /** Files of the own package that are reached, relative to its folder. */
  readonly files: ReadonlySet<string>;
  /** Specifiers of other packages (`mongoose`, `@infratraq/mongo/document-sequence`). */
  readonly static: ReadonlySet<string>;
  readonly dynamic: ReadonlySet<string>;
}

/** Follows the imports of a built module, JavaScript or declarations, through its own package. */
export function readNeeds({ folder }: WorkspacePackage, entry: string): Needs {
  const needs = { static: new Set<string>(), dynamic: new Set<string>() };
  const files = { static: new Set([join(entry)]), dynamic: new Set<string>() };
  const follow = (file: string, reached: Import['kind']): void => {
    for (const { specifier, kind } of readImports(join(folder, file))) {
      const how = reached === 'dynamic' ? reached : kind;
      if (specifier.startsWith('.')) files[how].add(resolveFile(folder, file, specifier));
      else if (!isBuiltin(specifier)) needs[how].add(specifier);
    }
  };
  // A set visits what is added to it meanwhile.
  for (const file of files.static) follow(file, 'static');
  for (const file of files.dynamic) follow(file, 'dynamic');
  return { files: new Set([...files.static, ...files.dynamic]), ...needs };
}

/** The package that a specifier names. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function resolveFile(folder: string, importer: string, specifier: string): string {
  const path = join(dirname(importer), specifier);
  const declarations = path.replace(/\.js$/, '.d.ts');
  return importer.endsWith('.d.ts') && existsSync(join(folder, declarations)) ? declarations : path;
}

interface Import {
  readonly specifier: string;
  readonly kind: 'static' | 'dynamic';
}

function readImports(file: string): Import[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const [literal, kind] = importOf(node);
    if (literal && ts.isStringLiteralLike(literal)) found.push({ specifier: literal.text, kind });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function importOf(node: ts.Node): [literal: ts.Node | undefined, kind: Import['kind']] {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return [node.moduleSpecifier, 'static'];
  if (ts.isImportTypeNode(node))
    return [ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, 'static'];
  // The module of a job, which a child process imports.
  if (ts.isNewExpression(node) && isJobUrl(node)) return [node.arguments?.[0], 'dynamic'];
  const isCall = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return [isCall ? node.arguments[0] : undefined, 'dynamic'];
}

function isJobUrl({ expression, arguments: given = [] as never }: ts.NewExpression): boolean {
  const [path] = given;
  return (
    ts.isIdentifier(expression) &&
    expression.text === 'URL' &&
    path !== undefined &&
    ts.isStringLiteralLike(path) &&
    /^\.{1,2}\/.*\.job\.js$/.test(path.text)
  );
}
