import { describe, it } from '@jest/globals';
import { hugeMails } from '../../testing/hostile-mails.js';
import { keepHostileMail } from '../../testing/keep-hostile-mail.js';
import { useEmailHistory } from '../../testing/use-email-history.js';

const mails = useEmailHistory();

describe('a huge mail', () => {
  it.each(hugeMails)('with %s is kept whole', (_name, make, expected) =>
    keepHostileMail(mails, make, expected),
  );
});
