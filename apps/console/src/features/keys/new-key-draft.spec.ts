import { expect, it } from '@jest/globals';
import { createInputOf, emptyDraft, mayBeInUrl, problemsOf } from './new-key-draft.ts';

it('leaves out what nobody chose', () => {
  expect(createInputOf({ ...emptyDraft, name: ' grafana ' })).toEqual({
    name: 'grafana',
    level: 'ID_ONLY',
    scopes: ['templates:run'],
  });
});

it('says what was chosen', () => {
  const draft = {
    ...emptyDraft,
    name: 'sheet',
    owner: 'Finance',
    templates: ['expiring-soon'],
    divisions: ['3', '14'],
    fieldsMode: 'chosen' as const,
    fields: ['csr'],
    requestsPerMinute: 120,
    burst: 10,
    expiresOn: '2027-01-31',
    inUrl: true,
  };
  expect(createInputOf(draft)).toEqual({
    name: 'sheet',
    owner: 'Finance',
    level: 'ID_ONLY',
    templates: { names: ['expiring-soon'], tags: [] },
    scopes: ['templates:run'],
    containers: [3, 14],
    fields: ['csr'],
    limits: { requestsPerMinute: 120, burst: 10 },
    expiresAt: '2027-01-31T23:59:59Z',
    inUrl: true,
  });
});

it('tells none from all', () => {
  const none = createInputOf({ ...emptyDraft, hasNoDivisions: true, divisions: ['3'], fieldsMode: 'none' });
  expect(none).toMatchObject({ containers: [], fields: [] });
  expect(createInputOf(emptyDraft)).not.toHaveProperty('containers');
  expect(createInputOf(emptyDraft)).not.toHaveProperty('fields');
});

it('forgets the URL when the key runs more than one template or sends texts', () => {
  const one = { ...emptyDraft, templates: ['a'], inUrl: true };
  expect(mayBeInUrl(one)).toBe(true);
  expect(createInputOf({ ...one, templates: ['a', 'b'] })).not.toHaveProperty('inUrl');
  expect(createInputOf({ ...one, level: 'OPEN' })).not.toHaveProperty('inUrl');
});

it('refuses a division that is no number, and chosen fields of which there are none', () => {
  expect([...problemsOf(emptyDraft)]).toEqual([]);
  expect(problemsOf({ ...emptyDraft, divisions: ['3', 'IT'] }).get('divisions')).toContain('"IT"');
  expect(problemsOf({ ...emptyDraft, divisions: ['IT'], hasNoDivisions: true }).size).toBe(0);
  expect(problemsOf({ ...emptyDraft, fieldsMode: 'chosen' }).has('fields')).toBe(true);
});
