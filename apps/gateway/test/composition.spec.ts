import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { buildSchema, isInputObjectType, isObjectType, Kind, type DocumentNode } from 'graphql';
import { composeStatic, knownSubgraphs } from '../src/compose-static.ts';
import { sizedLists } from '../src/list-sizes.ts';
import { sensitiveFields } from '../src/sensitive-fields.ts';

const api = buildSchema(composeStatic().api);

/** Input types of a document with their fields. Composition keeps of an input type only the fields that all subgraphs have. */
function inputFields({ definitions }: DocumentNode): readonly string[] {
  return definitions.flatMap((definition) =>
    definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION
      ? (definition.fields ?? []).map((field) => `${definition.name.value}.${field.name.value}`)
      : [],
  );
}

it('no field of an input type is lost because two subgraphs describe it differently', () => {
  const composed = new Set(
    Object.values(api.getTypeMap()).flatMap((type) =>
      isInputObjectType(type) ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`) : [],
    ),
  );
  const lost = knownSubgraphs().flatMap(({ typeDefs }) => inputFields(typeDefs).filter((name) => !composed.has(name)));
  expect(lost).toEqual([]);
});

it('every e-mail address and every amount needs a right, whichever subgraph shows it', () => {
  const unguarded = Object.values(api.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !type.name.startsWith('__')
      ? Object.values(type.getFields())
          .filter((field) => /^(?!disable).*e?mail$/i.test(field.name) || /^\[?Money/.test(String(field.type)))
          .map((field) => `${type.name}.${field.name}`)
          .filter((name) => !sensitiveFields.has(name))
      : [],
  );
  expect(unguarded).toEqual([]);
});

it('lists of known size are lists of the schema', () => {
  const unknown = sizedLists.filter((name) => {
    const [typeName, fieldName] = name.split('.') as [string, string];
    const type = api.getType(typeName);
    const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
    return field === undefined || !String(field.type).startsWith('[');
  });
  expect(unknown).toEqual([]);
});

it('composing names each template that the schema breaks, with its owner, and fails', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'certfolio-compose-test-'));
  const compose = (...args: string[]) =>
    new Promise<{ readonly code: unknown; readonly told: string }>((resolve) => {
      const tool = join(import.meta.dirname, '../tools/compose.ts');
      execFile(process.execPath, [tool, '--check', ...args], (error, _stdout, told) =>
        resolve({ code: error?.code ?? 0, told }),
      );
    });
  try {
    await cp(join(import.meta.dirname, '../../../templates'), dir, { recursive: true });
    expect(await compose('--templates', dir)).toEqual({ code: 0, told: '' });
    const file = join(dir, 'revoked.graphql');
    await writeFile(file, (await readFile(file, 'utf8')).replace('thumbprint', 'fingerprint'));
    const { code, told } = await compose('--templates', dir);
    expect(code).toBe(1);
    expect(told).toMatch(/The schema breaks the template "revoked" of security:\n.*Cannot query field "fingerprint"/);
  } finally {
    await rm(dir, { recursive: true });
  }
});
