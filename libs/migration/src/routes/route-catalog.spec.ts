import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { catalogRoute, routeCatalog } from './route-catalog.ts';

const templatesDir = join(import.meta.dirname, '../../../../templates');
/** Variables of each shipped template, by its name. */
const shipped = new Map(
  readdirSync(templatesDir)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => {
      const { name, variables } = parse(readFileSync(join(templatesDir, file), 'utf8')) as {
        name: string;
        variables: object;
      };
      return [name, Object.keys(variables)] as const;
    }),
);

describe('the catalogue of routes', () => {
  it('has each route once', () => {
    expect(new Set(routeCatalog.map(({ key }) => key)).size).toBe(routeCatalog.length);
  });

  it('names only templates that are shipped, and variables that they have', () => {
    for (const { key, replacement, choices, inLoop } of routeCatalog)
      for (const each of [replacement, inLoop, ...choices]) {
        if (each === null || each.template === null) continue;
        const wanted = [...each.variables.keys(), ...each.filters.flatMap(({ variable }) => variable ?? [])];
        const has = shipped.get(each.template);
        expect({ key, template: each.template, missing: wanted.filter((name) => !has?.includes(name)) }).toEqual({
          key,
          template: each.template,
          missing: [],
        });
      }
  });

  it('lets the graph answer reads alone, and says by what', () => {
    for (const { key, answeredBy, replacement } of routeCatalog)
      if (answeredBy === 'graph') {
        expect(key).toMatch(/^GET /);
        expect(replacement).not.toBeNull();
      }
    expect(catalogRoute('POST /reports/query')?.answeredBy).toBe('unchanged');
    expect(routeCatalog.filter(({ key, answeredBy }) => !key.startsWith('GET ') && answeredBy === 'graph')).toEqual([]);
    expect(routeCatalog.filter(({ answeredBy }) => answeredBy === 'graph')).toHaveLength(18);
  });

  it('knows nothing of other routes', () => {
    expect(catalogRoute('GET /constructor')).toBeNull();
  });
});
