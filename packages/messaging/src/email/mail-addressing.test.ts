import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MailAddressing } from './mail-addressing.js';

const addressing = new MailAddressing({ mailbox: 'Inbox@Infratraq.example', secret: 'one' });
const others = new MailAddressing({ mailbox: 'inbox@infratraq.example', secret: 'another' });
const entity = fc.record({
  entity_type: fc.stringMatching(/^[a-z][a-z_]{0,19}$/),
  entity_id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,19}$/),
});

describe('how mail names entities', () => {
  it('brings every entity back from its address and from its token', () => {
    fc.assert(
      fc.property(entity, (about) => {
        expect(addressing.findByAddress(['a@b.example', addressing.addressOf(about) ?? ''])).toEqual(about);
        expect(addressing.findByToken(`Re: x ${addressing.tokenOf(about)} y`)).toEqual(about);
      }),
    );
  });

  it('takes no token that was changed, or made with another secret', () => {
    fc.assert(
      fc.property(entity, fc.nat(), (about, place) => {
        const token = addressing.tokenOf(about) ?? '';
        const at = 2 + (place % (token.length - 3));
        const changed = token[at] === '0' ? '1' : '0';
        expect(addressing.findByToken(token.slice(0, at) + changed + token.slice(at + 1))).toBeUndefined();
        expect(addressing.findByToken(others.tokenOf(about) ?? '')).toBeUndefined();
      }),
    );
  });

  it('has no name for what does not fit, and takes none', () => {
    expect(addressing.addressOf({ entity_type: 'projects', entity_id: 'a b' })).toBeUndefined();
    expect(addressing.tokenOf({ entity_type: 'a/b', entity_id: '1' })).toBeUndefined();
    expect(addressing.addressOf({ entity_type: 'projects', entity_id: 'x'.repeat(60) })).toBeUndefined();
    expect(addressing.findByAddress(['inbox+@infratraq.example', 'inbox+projects.1@other.example'])).toBe(
      undefined,
    );
    expect(() => new MailAddressing({ mailbox: 'nonsense', secret: 'one' })).toThrow(
      expect.objectContaining({ code: 'mail.mailbox' }),
    );
  });

  it('knows the return path of a mail, and takes none of another mail, another secret, or altered', () => {
    const [one, other] = ['<d-1@infratraq.example>', 'd-2@infratraq.example'];
    const path = addressing.returnPathOf(one) ?? '';
    expect(path).toMatch(/^inbox\+r=[\w.-]{46}@infratraq\.example$/);
    expect(addressing.isReturnPathOf('d-1@infratraq.example', ['a@b.example', path])).toBe(true);
    expect(addressing.isReturnPathOf(other, [path])).toBe(false);
    expect(addressing.isReturnPathOf(one, [others.returnPathOf(one) ?? ''])).toBe(false);
    expect(addressing.findByAddress([path])).toBeUndefined();
    const altered = fc.tuple(fc.nat(path.indexOf('@') - 1), fc.constantFrom(...'Aa0-_.~'));
    fc.assert(
      fc.property(altered, ([at, to]) => {
        fc.pre(at > 'inbox+r='.length && path[at] !== to);
        expect(addressing.isReturnPathOf(one, [path.slice(0, at) + to + path.slice(at + 1)])).toBe(false);
      }),
    );
  });

  it('has no return path where the mailbox leaves no room for it', () => {
    const long = new MailAddressing({ mailbox: `${'m'.repeat(16)}@infratraq.example`, secret: 'one' });
    expect(long.returnPathOf('d-1@infratraq.example')).toBeUndefined();
  });
});
