import { createProgram } from './program.js';
import { reportFailure } from './output/report-failure.js';

await createProgram(process.env).parseAsync(process.argv).catch(reportFailure);
