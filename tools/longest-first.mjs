import Sequencer from '@jest/test-sequencer';

/** Tests that take minutes. Begun first, they run beside all others. */
const longest = [
  'packages/audit/src/history/any-history.system.test.ts',
  'apps/server/src/faults.system.test.ts',
  'packages/capture/src/reading/any-oddity.system.test.ts',
  'examples/src/outside-project.system.test.ts',
];

/** Starts the longest tests first; a fresh clone knows no durations, and then the size of files says little. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const place = ({ path }) => {
      const found = longest.findIndex((file) => path.endsWith(file));
      return found < 0 ? longest.length : found;
    };
    return [...super.sort(tests)].sort((one, other) => place(one) - place(other));
  }
}
