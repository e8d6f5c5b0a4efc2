import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { notice, page, table } from '../reference/markdown.js';
import { listEntries, listExports, type ExportedName } from './list-exports.js';

/** How many names all packages together may offer; each is a promise to whoever imports it. */
export const mostPublicNames = 700;

/** The public names of every package, as pages by path, and how many there are. */
export function reportPublicNames(packagesFolder: string): { pages: Map<string, string>; total: number } {
  const reports = readdirSync(packagesFolder).map((name) => reportPackage(join(packagesFolder, name)));
  const total = reports.reduce((sum, { count }) => sum + count, 0);
  const rows = reports.map(({ name, count }) => [`[@infratraq/${name}](${name}.md)`, String(count)]);
  const summary = page(
    notice('the packages’ entries'),
    '# Public names',
    `Every name that a package offers, once for each entry. All packages together offer ${total} and may offer ${mostPublicNames}.`,
    table(['package', 'names'], rows),
  );
  const pages = new Map(reports.map(({ name, text }) => [`docs/api/${name}.md`, text]));
  return { pages: pages.set('docs/api/README.md', summary), total };
}

function reportPackage(folder: string): { name: string; count: number; text: string } {
  const name = basename(folder);
  const entries = listEntries(folder).map(({ entry, file }) => ({ entry, names: listExports(file) }));
  const count = entries.reduce((sum, { names }) => sum + names.length, 0);
  const text = page(
    notice('the package’s entries'),
    `# @infratraq/${name}`,
    `${count} public names.`,
    ...entries.flatMap(({ entry, names }) => [
      `## @infratraq/${name}${entry.slice(1)}`,
      names.map(describeName).join('\n'),
    ]),
  );
  return { name, count, text };
}

function describeName({ name, declaration }: ExportedName): string {
  const says = firstSentence(declaration);
  return `- ${kindOf(declaration)} \`${name}${signatureOf(declaration)}\`${says && `: ${says}`}`;
}

function kindOf(declaration: ts.Node): string {
  if (ts.isClassDeclaration(declaration)) return 'class';
  if (ts.isInterfaceDeclaration(declaration)) return 'interface';
  if (ts.isTypeAliasDeclaration(declaration)) return 'type';
  if (ts.isFunctionDeclaration(declaration)) return 'function';
  return ts.isVariableDeclaration(declaration) ? 'const' : 'name';
}

function signatureOf(declaration: ts.Node): string {
  if (ts.isVariableDeclaration(declaration)) return typeText(declaration.type);
  if (!ts.isFunctionDeclaration(declaration)) return '';
  const { parameters, type } = declaration;
  const given = parameters.map(
    ({ name, questionToken, initializer, dotDotDotToken, type: own }) =>
      `${dotDotDotToken ? '...' : ''}${ts.isIdentifier(name) ? name.text : 'options'}${questionToken || initializer ? '?' : ''}${typeText(own)}`,
  );
  return `(${given.join(', ')})${typeText(type)}`;
}

function typeText(type: ts.TypeNode | undefined): string {
  if (!type) return '';
  const printed = ts
    .createPrinter({ removeComments: true })
    .printNode(ts.EmitHint.Unspecified, type, type.getSourceFile());
  return `: ${printed.replace(/\s+/g, ' ')}`;
}

function firstSentence(declaration: ts.Node): string {
  const documented = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  const comment = ts.getJSDocCommentsAndTags(documented).find(ts.isJSDoc);
  const text = ts.getTextOfJSDocComment(comment?.comment)?.replace(/\s+/g, ' ').trim() ?? '';
  return /^.*?[.:;](?=\s|$)/.exec(text)?.[0].replace(/[:;]$/, '.') ?? text;
}
