import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A link to a port of this machine that can be cut. */
export interface CutLink {
  readonly port: number;
  /** Ends its connections, and refuses new ones. */
  cut(): void;
  /** Passes nothing on, and closes nothing. */
  stall(): void;
  mend(): void;
  close(): void;
}

/** Listens on a port of its own and passes everything on. */
export async function openLink(target: number): Promise<CutLink> {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const end = () => {
    for (const one of open) one.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
      end();
    },
    stall() {
      for (const one of open) one.pause();
    },
    mend() {
      isCut = false;
      for (const one of open) one.resume();
    },
    close() {
      server.close();
      end();
    },
  };
}
