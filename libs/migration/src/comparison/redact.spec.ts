import { expect, it } from '@jest/globals';
import { createRedaction } from './redact.ts';

const redaction = createRedaction(Buffer.from('secret'));
const hashed = expect.stringMatching(/^"#[0-9a-f]{8}"$/);

it('shows plain values as JSON, and an absent one as none', () => {
  expect(redaction.value('orders[*].status', 'issued')).toBe('"issued"');
  expect(redaction.value('orders[*].id', 7)).toBe('7');
  expect(redaction.value('orders[*].note_count', null)).toBe('null');
  expect(redaction.value('orders[*].status', undefined)).toBeNull();
});

it.each([
  ['orders[*].price', 12.5],
  ['certificate.csr', 'MII'],
  ['organization_contact.first_name', 'Ada'],
  ['custom_fields[*].value', 'x'],
  ['user.email', 'nobody'],
  ['csv[*].Order Price', '12'],
  ['status', 'ada@example.com'],
  ['body', '-----BEGIN CERTIFICATE-----'],
])('hashes %s', (field, value) => expect(redaction.value(field, value)).toEqual(hashed));

it('hashes sensitive members inside a value, equal values equally', () => {
  const shown = redaction.value('orders[*]', { id: 7, user: { id: 1, x: 'ada' }, notes: 'ada' });
  const { user, notes, id } = JSON.parse(shown!);
  expect([id, notes]).toEqual([7, user.x]);
  expect(notes).toMatch(/^#[0-9a-f]{8}$/);
});

it('cuts long values', () => expect(redaction.value('a', 'x'.repeat(5_000))!.length).toBe(301));

it('shows a call without the values of its sensitive filters', () => {
  const search = 'limit=40&filters[email]=ada&filters[search]=ada%40example.com';
  expect(redaction.call('GET', '/order/certificate/email/a%40b.example', search)).toMatch(
    /^GET \/order\/certificate\/email\/#[0-9a-f]{8}\?limit=40&filters\[email\]=#[0-9a-f]{8}&filters\[search\]=#[0-9a-f]{8}$/,
  );
});

it('hashes otherwise in another process', () =>
  expect(createRedaction(Buffer.from('other')).value('csr', 'x')).not.toBe(redaction.value('csr', 'x')));
