import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const file = fileURLToPath(new URL('../../../../deploy/compose.yaml', import.meta.url));
const dockerfile = fileURLToPath(new URL('../../../../deploy/Dockerfile', import.meta.url));

/** A service of the compose file, as far as the tests look. */
export interface ComposeService {
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly restart?: string;
  readonly command?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

/** Reads the compose file with variables in the place of `${NAME…}`. */
export async function readCompose(variables: Readonly<Record<string, string>>): Promise<{
  services: Readonly<Record<string, ComposeService>>;
  volumes: object;
  configs: Readonly<Record<string, { content: string }>>;
}> {
  return parse(await readFile(file, 'utf8'), (_key, value: unknown) =>
    typeof value === 'string' ? substitute(value, variables) : value,
  );
}

function substitute(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /(?<!\$)\$\{(\w+)(?::([?-])([^}]*))?\}/g,
    (_whole, name: string, kind?: string, rest = '') => {
      const value = variables[name] ?? (kind === '-' ? rest : undefined);
      if (value === undefined) throw new Error(`compose.yaml needs ${name}: ${rest}`);
      return value;
    },
  );
}

/** The environment that the image brings. */
export async function readImageEnvironment(): Promise<Record<string, string>> {
  const [, pairs = ''] = /^ENV (.+)$/m.exec(await readFile(dockerfile, 'utf8')) ?? [];
  return Object.fromEntries(pairs.split(' ').map((pair) => pair.split('=') as [string, string]));
}
