import { describe, expect, it } from '@jest/globals';
import { addressRefusal, isAllowedHost } from './egress.ts';

const nothing = { allow: [] };

describe('addressRefusal', () => {
  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '192.0.2.1',
    '198.18.0.1',
    '240.0.0.1',
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001:db8::1',
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:7f00:1::',
    'no address',
  ])('refuses %s', (address) => {
    expect(addressRefusal(address, nothing)).not.toBeNull();
  });

  it.each(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'])('lets %s pass', (address) => {
    expect(addressRefusal(address, nothing)).toBeNull();
  });

  it('lets pass what an operator allows, and no more', () => {
    const rules = { allow: ['10.1.0.0/16', '127.0.0.1', 'fd00::/8'] };
    expect(addressRefusal('10.1.2.3', rules)).toBeNull();
    expect(addressRefusal('::ffff:10.1.2.3', rules)).toBeNull();
    expect(addressRefusal('127.0.0.1', rules)).toBeNull();
    expect(addressRefusal('fd00::1', rules)).toBeNull();
    expect(addressRefusal('10.2.0.1', rules)).toBe('a private address');
    expect(addressRefusal('127.0.0.2', rules)).toBe('an address of this machine');
  });
});

describe('isAllowedHost', () => {
  it('takes a name whatever its case and final dot, and nothing below it', () => {
    const rules = { allow: ['Hooks.Internal'] };
    expect(isAllowedHost('hooks.internal.', rules)).toBe(true);
    expect(isAllowedHost('evil.hooks.internal', rules)).toBe(false);
  });
});
