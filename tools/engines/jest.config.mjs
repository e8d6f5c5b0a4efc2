import preset, { withEngines } from '../../jest.preset.mjs';

// *.documentdb.test.ts need DocumentDB, which bin/install-documentdb.sh installs: jest.documentdb.mjs runs them.
export default { ...preset, ...withEngines, testPathIgnorePatterns: ['\\.documentdb\\.test\\.ts$'] };
