import { expect, it } from '@jest/globals';
import { readConfigDocument } from './config-document.ts';
import { ConfigReader } from './config-members.ts';
import { checkMessages, defaultMigration, readMigration } from './config-migration.ts';

function read(yaml: string) {
  const reader = new ConfigReader(readConfigDocument('certfolio.yaml', yaml));
  const migration = readMigration((reader.value as { migration: unknown }).migration, reader);
  return { migration, problems: reader.problems.map(({ name, problem }) => `${name}: ${problem}`) };
}

it('reads when and where owners are told, and what is compared', () => {
  expect(
    read(`migration:
  messages: { destination: mail, weekday: friday, at: '16:30', zone: Europe/Berlin, recipients: { web: [a@b.example] } }
  comparisonsPerMinute: 10
`),
  ).toEqual({
    migration: {
      messages: {
        ...{ destination: 'mail', weekday: 5, hour: 16, minute: 30, zone: 'Europe/Berlin' },
        recipients: new Map([['web', ['a@b.example']]]),
      },
      comparisonsPerMinute: 10,
      keepDays: 14,
    },
    problems: [],
  });
});

it('tells nobody when nothing is said', () => {
  expect(defaultMigration).toEqual({ messages: null, comparisonsPerMinute: 60, keepDays: 14 });
});

it.each([
  ['keepDays: 0', 'whole number of days'],
  ['comparisonsPerMinute: 1.5', 'whole number, 0 to 6000'],
  ['messages: { weekday: monday }', 'name of a destination'],
  ['messages: { destination: mail, at: 8 }', 'time of day'],
  ['messages: { destination: mail, weekday: mon }', 'sunday, monday'],
  ['messages: { destination: mail, zone: Mars }', 'IANA'],
])('names what is wrong with %s', (member, problem) => {
  const { migration, problems } = read(`migration: { ${member} }`);
  expect(migration).toBeUndefined();
  expect(problems).toEqual([expect.stringContaining(problem)]);
});

it('names a member that is not known', () => {
  expect(read('migration: { mesages: {} }').problems).toEqual([expect.stringContaining('the nearest is "messages"')]);
});

it('names a destination that is not there', () => {
  const { migration } = read('migration: { messages: { destination: mial } }');
  expect(checkMessages(migration!, ['mail'])).toBe('names a destination that is not there; there are mail');
  expect(checkMessages(migration!, ['mial'])).toBeNull();
});
