import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { referencePage } from '../../server/models/reference-page.ts';
import { ModelSpec, modelSchema } from '../../server/models/schema.ts';

test('docs/model.schema.json is what the schema says today: pellucid model schema > docs/model.schema.json', () => {
  expect(JSON.parse(readFileSync('docs/model.schema.json', 'utf8'))).toEqual(modelSchema());
});

test('docs/model-reference.md is made of it: pellucid model schema --page > docs/model-reference.md', () => {
  expect(readFileSync('docs/model-reference.md', 'utf8')).toBe(referencePage(modelSchema()));
});

test('the JSON Schema knows every key of the packages in the box', () => {
  const schema = JSON.stringify(modelSchema());
  const keys = (value: unknown): string[] =>
    typeof value === 'object' && value !== null
      ? [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(keys)]
      : [];
  for (const id of readdirSync('models')) {
    const spec = parse(readFileSync(`models/${id}/model.yaml`, 'utf8'));
    expect(ModelSpec.safeParse(spec).success).toBe(true);
    expect(keys(spec).filter((key) => !schema.includes(`"${key}"`))).toEqual([]);
  }
});

interface Property {
  readonly path: string;
  readonly schema: {
    readonly description?: string;
    readonly examples?: readonly unknown[];
    readonly default?: unknown;
  };
  readonly required: boolean;
}

/** Every property of a JSON Schema, however deep. */
function properties(schema: unknown, path: string): readonly Property[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const {
    properties: own = {},
    required = [],
    ...rest
  } = schema as {
    properties?: Record<string, Property['schema']>;
    required?: readonly string[];
  };
  return [
    ...Object.entries(own).flatMap(([name, child]) => [
      { path: `${path}.${name}`, schema: child, required: required.includes(name) },
      ...properties(child, `${path}.${name}`),
    ]),
    ...Object.entries(rest)
      .filter(([key]) => key !== 'examples' && key !== 'default')
      .flatMap(([key, child]) => properties(child, `${path}/${key}`)),
  ];
}

const all = properties(modelSchema(), '');

test('every key has a description and an example', () => {
  expect(all.length).toBeGreaterThan(300);
  expect(
    all
      .filter(({ schema }) => !schema.description?.endsWith('.') && !schema.description?.endsWith('?'))
      .map((p) => p.path),
  ).toEqual([]);
  expect(all.filter(({ schema }) => schema.examples?.length !== 1).map((p) => p.path)).toEqual([]);
});

test('a key that may be left out says what is meant then', () => {
  const silent = all.filter(
    ({ required, schema }) =>
      !required && !('default' in schema) && !/Left out: .+\.$/.test(schema.description ?? ''),
  );
  expect(silent.map((p) => p.path)).toEqual([]);
});
