import { openCapture } from '@infratraq/capture';

const { capture, close } = await openCapture({ postgresUrl, mongodbUri });
capture.on('capture:advanced', ({ lsn }) => console.log(`stored up to ${lsn}`));

declare const mongodbUri: string;
declare const postgresUrl: string;
export { close };
