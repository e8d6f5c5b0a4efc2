import preset, { withEngines } from '../../jest.preset.mjs';

// The longest suite of all: at the end of a whole run it has the machine to itself.
export default { ...preset, ...withEngines, maxWorkers: 2 };
