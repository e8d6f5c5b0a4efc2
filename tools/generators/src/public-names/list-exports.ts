import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** A name that others can import, with the declaration behind it. */
export interface ExportedName {
  readonly name: string;
  readonly declaration: ts.Node;
}

/** The exports of a source file by name; re-exports are followed to their declarations. */
export function listExports(file: string): ExportedName[] {
  const names = collectExports(file).map(([name, declaration]) => ({ name, declaration }));
  return names.sort((left, right) => (left.name < right.name ? -1 : 1));
}

type Found = [name: string, declaration: ts.Node];

function collectExports(file: string): Found[] {
  const source = parse(file);
  return source.statements.flatMap((statement): Found[] => {
    if (ts.isExportDeclaration(statement)) return readExport(statement, source);
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
    if (!modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.flatMap((declaration) =>
        namesOf(declaration.name).map((name): Found => [name, declaration]),
      );
    const { name } = statement as ts.Statement & { readonly name?: ts.Identifier };
    return [[name?.text ?? 'default', statement]];
  });
}

function readExport(statement: ts.ExportDeclaration, source: ts.SourceFile): Found[] {
  const { exportClause, moduleSpecifier } = statement;
  const from = moduleSpecifier && resolve(source.fileName, (moduleSpecifier as ts.StringLiteral).text);
  if (!exportClause) return from ? collectExports(from) : [];
  if (ts.isNamespaceExport(exportClause)) return [[exportClause.name.text, exportClause]];
  return exportClause.elements.map((element): Found => {
    const local = (element.propertyName ?? element.name).text;
    return [element.name.text, findDeclaration(from ?? source.fileName, local) ?? element];
  });
}

/** The declaration of a name in a file, whether the file declares, imports or re-exports it. */
function findDeclaration(file: string, name: string): ts.Node | undefined {
  const source = parse(file);
  for (const statement of source.statements) {
    const found = ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.find((one) => namesOf(one.name).includes(name))
      : (statement as ts.Statement & { name?: ts.Identifier }).name?.text === name
        ? statement
        : followTo(statement, source, name);
    if (found) return found;
  }
  return undefined;
}

/** The declaration behind a name that a statement imports, or re-exports, from another file. */
function followTo(statement: ts.Statement, source: ts.SourceFile, name: string): ts.Node | undefined {
  const isImport = ts.isImportDeclaration(statement);
  if ((!isImport && !ts.isExportDeclaration(statement)) || !statement.moduleSpecifier) return undefined;
  const from = resolve(source.fileName, (statement.moduleSpecifier as ts.StringLiteral).text);
  if (!from) return undefined;
  const clause = isImport ? statement.importClause?.namedBindings : statement.exportClause;
  if (!clause) return isImport ? undefined : findDeclaration(from, name);
  if (!ts.isNamedImports(clause) && !ts.isNamedExports(clause)) return undefined;
  const element = clause.elements.find((one) => one.name.text === name);
  return element && findDeclaration(from, (element.propertyName ?? element.name).text);
}

function namesOf(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesOf(element.name) : []));
}

/** The source behind an import of one of our own modules or packages; nothing for those of others. */
function resolve(importer: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(importer), specifier.replace(/\.js$/, '.ts'));
  const [, name, subpath] = /^@infratraq\/([^/]+)(\/.+)?$/.exec(specifier) ?? [];
  if (!name) return undefined;
  const folder = join(importer.slice(0, importer.lastIndexOf('/packages/')), 'packages', name);
  if (!existsSync(folder)) return undefined;
  return listEntries(folder).find(({ entry }) => entry === `.${subpath ?? ''}`)?.file;
}

/** One importable module of a package. */
export interface PackageEntry {
  /** `.` or a subpath such as `./routes`. */
  readonly entry: string;
  readonly file: string;
}

/** The entries that a package's `exports` declares, with their sources. */
export function listEntries(folder: string): PackageEntry[] {
  const { exports: entries } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    exports: Record<string, { readonly '@infratraq/source'?: string }>;
  };
  return Object.entries(entries).flatMap(([entry, { '@infratraq/source': file }]) =>
    file ? [{ entry, file: join(folder, file) }] : [],
  );
}

/** Parses a file, keeping its comments and the links from each node to its parent. */
function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
}
