// Removes from dist what was built from sources that are gone; the compiler leaves it, and packages would carry it.
import { existsSync, globSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = globSync('{packages,apps,tools}/*/dist/**/*.{js,js.map,d.ts,d.ts.map}', { cwd: root });
for (const file of built) {
  const [project, path] = file.split(/\/dist\/(?:spec\/)?/);
  const source = join(root, project, 'src', path.replace(/(\.d\.ts|\.js)(\.map)?$/, ''));
  // The console is bundled, not compiled file by file.
  if (
    !existsSync(join(root, project, 'tsconfig.lib.json')) ||
    ['.ts', '.tsx'].some((end) => existsSync(source + end))
  )
    continue;
  rmSync(join(root, file));
}
