import { environmentVariables } from '@infratraq/environment';
import { notice, page, table } from './markdown.js';

/** The page of the environment variables. */
export function writeSettingsPage(): string {
  return page(
    notice('packages/environment/src'),
    '# Settings',
    'Environment variables of the server and the command. None is needed to start; an empty one counts as absent. `infratraq doctor` checks them.',
    table(
      ['variable', 'default', 'meaning'],
      environmentVariables.map(({ name, default: standIn, description }) => [
        `\`${name}\``,
        standIn === undefined ? '' : `\`${standIn}\``,
        description,
      ]),
    ),
  );
}
