import preset, { withEngines } from '../jest.preset.mjs';

export default { ...preset, ...withEngines, testMatch: ['<rootDir>/{src,applications}/**/*.test.ts'] };
