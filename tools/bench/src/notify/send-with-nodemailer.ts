import { createTransport } from 'nodemailer';
import { performance } from 'node:perf_hooks';

/** What nodemailer takes for so many mails over a pool that is set up as ours is, with as many waiting. */
export async function sendWithNodemailer({
  port,
  connections,
  mails,
  render,
}: {
  port: number;
  connections: number;
  mails: number;
  render: (name: string) => { title: string; body: string; html?: string };
}): Promise<{ seconds: number; cpuMicroseconds: number }> {
  const transport = createTransport({
    url: `smtp://127.0.0.1:${port}`,
    pool: true,
    maxConnections: connections,
  });
  // The text is made once: what is measured is the pool.
  const { title, body, html } = render('Ada');
  const begun = performance.now();
  const cpu = process.cpuUsage();
  let next = 0;
  const keepSending = async () => {
    for (let number = next++; number < mails; number = next++)
      await transport.sendMail({
        from: 'bench@example.com',
        to: `user-${number}@example.com`,
        subject: title,
        text: body,
        ...(html !== undefined && { html }),
      });
  };
  await Promise.all(Array.from({ length: connections * 4 }, keepSending));
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  transport.close();
  return { seconds, cpuMicroseconds: (user + system) / mails };
}
