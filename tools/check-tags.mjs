// Every project has one layer, and that layer has a rule: lint alone notices a project without one only
// once it imports another.
import { createProjectGraphAsync } from '@nx/devkit';
import { layers } from '../eslint.config.mjs';

const { nodes } = await createProjectGraphAsync({ exitOnError: true });
const faults = Object.values(nodes).flatMap(({ name, data }) => {
  const tags = (data.tags ?? []).filter((tag) => tag.startsWith('layer:'));
  if (tags.length !== 1)
    return [`${name} (${data.root}) has ${tags.length} layer tags; its package.json states one in nx.tags`];
  return Object.hasOwn(layers, tags[0])
    ? []
    : [`${name} (${data.root}) is ${tags[0]}, for which eslint.config.mjs has no rule`];
});
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exit(1);
}
console.log(`${Object.keys(nodes).length} projects, each with one layer that has a rule`);
process.exit(0);
