import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ModelSpec, modelSchema } from '../../server/models/schema.ts';

test('docs/model.schema.json is what the schema says today: pellucid model schema > docs/model.schema.json', () => {
  expect(JSON.parse(readFileSync('docs/model.schema.json', 'utf8'))).toEqual(modelSchema());
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
