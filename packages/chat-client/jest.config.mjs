import preset, { withEngines } from '../../jest.preset.mjs';

export default { ...preset, ...withEngines };
