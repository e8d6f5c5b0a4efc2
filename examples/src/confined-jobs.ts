// Content that nobody vouches for is read in a child process, which ends with the content that breaks a limit.
import { createConfinedJobs } from '@infratraq/confined-jobs';

const code =
  'export default async (input) => ({ value: (await input.toArray()).join("").length, contents: [] })';
const limits = { deadlineMilliseconds: 10_000, inputBytes: 1_000, outputBytes: 1_000 };
const job = { module: new URL(`data:text/javascript,${code}`), limits };
const jobs = createConfinedJobs();
const { value } = await jobs.run(job, Buffer.from('a crane'));
const refused = await jobs.run(job, Buffer.alloc(2_000)).catch((error) => error.code);
console.log(`characters: ${value}, too many: ${refused}`);
