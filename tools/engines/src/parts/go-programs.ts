import type { GoProgram } from './provide-go-program.js';

/** Google Cloud Storage's API over a folder. */
export const fakeGcs: GoProgram = {
  name: 'fake-gcs-server',
  module: 'github.com/fsouza/fake-gcs-server',
  version: 'v1.56.1',
};

/** A mail server that takes every mail and delivers none. */
export const mailpit: GoProgram = {
  name: 'mailpit',
  module: 'github.com/axllent/mailpit',
  version: 'v1.27.11',
};

/** A network that can be cut, delayed and silenced. */
export const toxiproxy: GoProgram = {
  name: 'toxiproxy-server',
  module: 'github.com/Shopify/toxiproxy/v2/cmd/server',
  version: 'v2.5.0',
};

/** S3's API over a folder. */
export const versitygw: GoProgram = {
  name: 'versitygw',
  module: 'github.com/versity/versitygw/cmd/versitygw',
  version: 'v1.8.0',
};

/** All of them: to be built beforehand, where building one within a test would take longer than the test may. */
export const goPrograms: readonly GoProgram[] = [fakeGcs, mailpit, toxiproxy, versitygw];
