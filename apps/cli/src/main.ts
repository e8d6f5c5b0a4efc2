import { createProgram } from './program.js';
import { reportFailure } from './output/report-failure.js';

// Nobody knows what still holds after an error that nothing has caught.
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => {
    reportFailure(error);
    process.exit(1);
  });
await createProgram(process.env).parseAsync(process.argv).catch(reportFailure);
