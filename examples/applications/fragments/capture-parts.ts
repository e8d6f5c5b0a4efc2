import { createCapture, createMongoChangeSink, prepareCapture } from '@infratraq/capture';

await prepareCapture(postgres);
const capture = createCapture({ postgresUrl, sink: createMongoChangeSink(connection) });
capture.start();

declare const postgres: Parameters<typeof prepareCapture>[0];
declare const postgresUrl: string;
declare const connection: Parameters<typeof createMongoChangeSink>[0];
