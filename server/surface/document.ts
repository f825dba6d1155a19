import { z } from 'zod';
import { type Needed, neededRole } from '../access/policy.ts';
import type { Address, Answer } from '../shared/address.ts';

/** An OpenAPI 3.1 document, as far as we write one. */
export interface Document {
  readonly openapi: '3.1.0';
  readonly info: object;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  /** The least role that may ask; `public`: anyone. */
  readonly 'x-role': Needed;
  readonly [more: string]: unknown;
}

/** What every address may answer instead: a fault, with what to do. */
const Problem = z.object({ code: z.string(), detail: z.string(), action: z.string().optional() });

/** The addresses as an OpenAPI document, from the schemas by which they read what comes in. */
export function documentOf(addresses: readonly Address[], version: string): Document {
  const paths: Record<string, Record<string, Operation>> = {};
  const schemas: Record<string, object> = { Problem: schemaOf(Problem, 'output') };
  /** What refers to itself stands by a name, for a reference counts from the root of the document. */
  const named: Named = (schema, io, name) => {
    const { $defs, ...rest } = schemaOf(schema, io) as { readonly $defs?: Record<string, object> };
    const placed = (part: object): object =>
      JSON.parse(JSON.stringify(part).replaceAll('"#/$defs/', `"#/components/schemas/${name}.`));
    for (const [key, part] of Object.entries($defs ?? {})) schemas[`${name}.${key}`] = placed(part);
    return placed(rest);
  };
  for (const address of addresses)
    for (const path of [address.path].flat() as readonly string[]) {
      const written = templateOf(path);
      // What is asked first answers: the same address again is never reached.
      paths[written] = { [address.method]: operation(address, path, named), ...paths[written] };
    }
  return {
    openapi: '3.1.0',
    info: { title: 'Pellucid', version, description: 'Explained AI results for the PACS. For research use.' },
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An access key, or a token of the provider' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'pellucid',
          description: 'A session; over https the cookie is __Host-pellucid',
        },
      },
      schemas,
    },
  };
}

type Named = (schema: z.ZodType, io: 'input' | 'output', name: string) => object;

/** `/things/:id{/*rest}` → `/things/{id}/{rest}`. */
export const templateOf = (path: string): string =>
  path.replace(/\{(\/\*\w+)\}/g, '$1').replace(/[:*](\w+)/g, '{$1}');

function operation(
  { method, says, params, query, body, headers = {}, answers }: Address,
  path: string,
  named: Named,
): Operation {
  const template = templateOf(path);
  const id = `${method}${template.replace(/\W+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`;
  const role = neededRole(method.toUpperCase(), template);
  return {
    operationId: id,
    summary: says,
    'x-role': role,
    security: role === 'public' ? [] : [{ bearer: [] }, { session: [] }],
    parameters: [
      ...[...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
        name,
        in: 'path',
        required: true,
        schema: propertiesOf(params)[name] ?? { type: 'string' },
      })),
      ...Object.entries(propertiesOf(query)).map(([name, schema]) => ({
        name,
        in: 'query',
        required: requiredOf(query).includes(name),
        schema,
      })),
      ...Object.entries(headers).map(([name, description]) => ({
        name,
        in: 'header',
        required: true,
        description,
        schema: { type: 'string' },
      })),
    ],
    ...(body
      ? {
          requestBody: {
            required: true,
            content: Object.fromEntries(
              Object.entries(body.content).map(([type, schema]) => [
                type,
                {
                  schema: schema
                    ? named(schema, 'input', `${id}.body`)
                    : { type: 'string', format: 'binary' },
                },
              ]),
            ),
          },
        }
      : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [
          status,
          response(answer, (json) => named(json, 'output', `${id}.${status}`)),
        ]),
      ),
      default: {
        description: 'A fault, with what to do',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

const response = ({ says, json, types = [] }: Answer, schemaIn: (json: z.ZodType) => object) => ({
  description: says,
  ...(json || types.length > 0
    ? {
        content: {
          ...(json ? { 'application/json': { schema: schemaIn(json) } } : {}),
          ...Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }])),
        },
      }
    : {}),
});

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

const propertiesOf = (schema: z.ZodType | undefined): Record<string, object> =>
  (schema ? (schemaOf(schema, 'input').properties as Record<string, object>) : undefined) ?? {};
const requiredOf = (schema: z.ZodType | undefined): readonly string[] =>
  (schema ? (schemaOf(schema, 'input').required as readonly string[]) : undefined) ?? [];
