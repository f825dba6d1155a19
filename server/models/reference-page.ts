import { stringify } from 'yaml';

/** docs/model-reference.md: every key of model.yaml, from the same schema that refuses a wrong one. */

/** As much of a JSON Schema as model.yaml's has. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
}

export function referencePage(schema: unknown): string {
  const kinds = (schema as Schema).oneOf ?? [];
  const seen = new Map<string, string>();
  const parts = [...groupsOf(partsOf(kinds))].map(([of, group]) => {
    const rows = group.flatMap((part) => rowsOf({ path: part.name, ...part }, seen));
    return `## ${of === ALL ? of : `Only of ${of}`}\n\n${table(rows)}\n`;
  });
  return `# Keys of model.yaml

Made from the schema that refuses a wrong package: \`npm run --silent model -- schema --page > docs/model-reference.md\`. A test keeps it equal.
A key with a **bold** name must be there. \`[]\` stands for each item of a list; \`[x]\` for an item, or a value, of the kind x. What the keys
do is told in [models](models.md).

${parts.join('\n')}`;
}

const ALL = 'Every package';

/** Parts of the same kinds together, in the order of the schema. */
function groupsOf(parts: readonly Part[]): ReadonlyMap<string, readonly Part[]> {
  const most = Math.max(...parts.map(({ kinds }) => kinds.length));
  return Map.groupBy(parts, ({ kinds }) => (kinds.length === most ? ALL : kinds.join(', ')));
}

interface Part {
  readonly name: string;
  readonly kinds: readonly string[];
  readonly schema: Schema;
  readonly required: boolean;
}

/** Each key of the first level once for all kinds that have it alike. */
function partsOf(kinds: readonly Schema[]): readonly Part[] {
  const parts = new Map<string, Part>();
  for (const kind of kinds)
    for (const [name, schema] of Object.entries(kind.properties ?? {})) {
      const key = `${name} ${JSON.stringify(schema)}`;
      const before = parts.get(key)?.kinds ?? [];
      const required = kind.required?.includes(name) ?? false;
      parts.set(key, { name, schema, required, kinds: [...before, String(kind.properties?.kind?.const)] });
    }
  return [...parts.values()];
}

interface Key {
  readonly path: string;
  readonly schema: Schema;
  readonly required: boolean;
}

type Row = readonly [key: string, type: string, what: string, otherwise: string, example: string];

/** A key and all below it; what has the keys of another is said to be as that. */
function rowsOf({ path, schema, required }: Key, seen: Map<string, string>): readonly Row[] {
  const shape = JSON.stringify(bare(schema));
  const known = seen.get(shape);
  const has = Object.keys(below(path, schema)).length > 0;
  if (has && !known) seen.set(shape, path);
  const own: Row = [
    required ? `**${path}**` : path,
    known && has ? `as ${known}` : typeOf(schema),
    schema.description ?? '',
    'default' in schema ? code(schema.default) : '',
    schema.examples ? code(schema.examples[0]) : '',
  ];
  if (known) return [own];
  return [
    own,
    ...Object.entries(below(path, schema)).flatMap(([name, child]) => rowsOf({ path: name, ...child }, seen)),
  ];
}

/** Without what is said of it at its place. */
const bare = ({ description, examples, default: _, ...rest }: Schema): Schema => rest;

type Child = Pick<Key, 'schema' | 'required'>;

/** The keys inside a value, by their paths. */
function below(path: string, schema: Schema): Readonly<Record<string, Child>> {
  const { properties = {}, required, items } = schema;
  if (items) return below(`${path}[]`, items);
  const variants = schema.oneOf ?? schema.anyOf ?? [];
  const ofVariants = variants.map((variant) => below(variantPath(path, variant), variant));
  const own = Object.entries(properties)
    // The word that names a variant is in its path already.
    .filter(([name, child]) => child.const === undefined || !path.endsWith(`[${child.const}]`) || name === '')
    .map(([name, child]) => [
      `${path}.${name}`,
      { schema: child, required: required?.includes(name) ?? false },
    ]);
  return Object.assign({}, Object.fromEntries(own), ...ofVariants);
}

function variantPath(path: string, { properties = {} }: Schema): string {
  const word = Object.values(properties).find((child) => child.const !== undefined)?.const;
  return word === undefined ? path : `${path.replace(/\[\]$/, '')}[${word}]`;
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map((v) => code(v)).join(', ');
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants) return [...new Set(variants.map(variantOf))].join(' or ');
  if (schema.prefixItems) return `${schema.prefixItems.length} × ${typeOf(schema.prefixItems[0] ?? {})}`;
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  if (schema.type === 'object') return 'map';
  return `${TYPES[schema.type ?? ''] ?? schema.type ?? ''}${bounds(schema)}`;
}

/** A variant that a word of it names is told by the word, with what it does. */
function variantOf(schema: Schema): string {
  const word = Object.values(schema.properties ?? {}).find((child) => child.const !== undefined);
  if (word === undefined) return typeOf(schema);
  return `${code(word.const)}: ${word.description ?? ''}`;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
};

/** What zod says of a whole number that has no bounds is no bound. */
const bounds = ({ minimum, maximum, exclusiveMinimum, maxLength }: Schema): string =>
  [
    minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? '' : ` from ${minimum}`,
    exclusiveMinimum === undefined ? '' : ` over ${exclusiveMinimum}`,
    maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? '' : ` to ${maximum}`,
    maxLength === undefined ? '' : `, ${maxLength} characters at most`,
  ].join('');

const code = (value: unknown): string =>
  `\`${stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trim()}\``;

const table = (rows: readonly Row[]): string =>
  [
    '| key | type | what it is | by default | example |',
    '|---|---|---|---|---|',
    ...rows.map(
      (row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`,
    ),
  ].join('\n');
