import fc from 'fast-check';
import type { Described, Sent } from './guarded-site.ts';

/** What is asked of an address. */
export interface Question {
  readonly path: string;
  readonly sent: Sent;
}

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

/** Texts on which programs have stumbled. */
const STUMBLES = [
  '',
  ' ',
  '0',
  '-1',
  '1e999',
  'NaN',
  'null',
  'undefined',
  'true',
  '[]',
  '{}',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '%00',
  '%',
  '\u0000',
  '\r\nx: y',
  '<script>',
  "' or 1=1 --",
  '{{7*7}}',
  '\ud800',
  '１２３',
  'ﷺ'.repeat(50),
  '1.2.3',
  `1.${'2'.repeat(70)}`,
  'a'.repeat(5_000),
];
const text = fc.oneof(fc.constantFrom(...STUMBLES), fc.string({ unit: 'binary', maxLength: 40 }));

/** Whatever the address describes, now as it says and now otherwise. */
export function questions({ method, template, operation }: Described): fc.Arbitrary<Question> {
  const parameters = (operation.parameters ?? []) as readonly Parameter[];
  const of = (place: Parameter['in']) => parameters.filter((p) => p.in === place);
  const content = Object.entries(
    (operation.requestBody as { content?: Record<string, { schema: Schema }> } | undefined)?.content ?? {},
  );
  const body =
    content.length === 0
      ? fc.constant(undefined)
      : fc.oneof(
          ...content.map(([type, { schema }]) =>
            fc
              .oneof({ weight: 4, arbitrary: like(schema) }, { weight: 1, arbitrary: fc.jsonValue() })
              .map((value) => ({ type: type === '*/*' ? 'application/json' : type, value })),
          ),
        );
  return fc
    .record({
      path: fc.tuple(...of('path').map(({ schema }) => like(schema))),
      query: fc.tuple(...of('query').map(({ schema }) => fc.option(like(schema)))),
      more: fc.option(fc.tuple(text, text), { freq: 6 }),
      body,
    })
    .map(({ path, query, more, body }) => {
      const places = path.map(written);
      const asked = [
        ...of('query').flatMap(({ name }, i) =>
          query[i] === null ? [] : [`${encodeURIComponent(name)}=${written(query[i])}`],
        ),
        ...(more ? [`${written(more[0])}=${written(more[1])}`] : []),
      ];
      const at = template.replace(/\{\w+\}/g, () => places.shift() || '-');
      return {
        path: asked.length > 0 ? `${at}?${asked.join('&')}` : at,
        sent: {
          method,
          ...(body ? { headers: { 'content-type': body.type }, body: bodyOf(body) } : {}),
        },
      };
    });
}

const written = (value: unknown): string =>
  encodeURIComponent((typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed());

const bodyOf = ({ type, value }: { readonly type: string; readonly value: unknown }): string =>
  type === 'application/x-www-form-urlencoded'
    ? Object.entries(Object(value))
        .map(([k, v]) => `${written(k)}=${written(v)}`)
        .join('&')
    : (JSON.stringify(value) ?? '').toWellFormed();

/** Mostly what the schema means. */
function like(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 5, arbitrary: meant(schema) }, { weight: 2, arbitrary: text });
}

function meant(schema: Schema): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map(meant));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'integer':
      return fc.integer({
        min: Math.max(schema.minimum ?? -1e6, -1e9),
        max: Math.min(schema.maximum ?? 1e6, 1e9),
      });
    case 'number':
      return fc.double();
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(like(schema.items ?? {}), { maxLength: 4 });
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(schema.properties ?? {}).map(([k, s]) => [k, like(s)])),
        { requiredKeys: [...(schema.required ?? [])] },
      );
    case 'string':
      return matching(schema.pattern);
    default:
      return fc.jsonValue();
  }
}

/** A text of the pattern; of one that fast-check cannot read, any. */
function matching(pattern: string | undefined): fc.Arbitrary<string> {
  if (pattern === undefined) return text;
  try {
    return fc.stringMatching(new RegExp(pattern, 'u'));
  } catch {
    return text;
  }
}
