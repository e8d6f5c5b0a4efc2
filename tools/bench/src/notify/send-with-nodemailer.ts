import { createTransport } from 'nodemailer';
import { performance } from 'node:perf_hooks';

/** Seconds that nodemailer takes for so many mails over a pool, with as many waiting as ours has. */
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
}): Promise<number> {
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    pool: true,
    maxConnections: connections,
    maxMessages: Infinity,
    ignoreTLS: true,
  });
  // The text is made once: what is measured is the pool.
  const { title, body, html } = render('Ada');
  const begun = performance.now();
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
  transport.close();
  return seconds;
}
