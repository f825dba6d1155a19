import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import type { Registry } from 'prom-client';
import { parse, parseAllDocuments } from 'yaml';
import { Config, SECRETS } from '../server/config.ts';
import { metricsOf } from '../server/metrics/metrics.ts';

const text = (file: string) => readFileSync(file, 'utf8');
/** Every setting that the server knows; the rest of an environment is not for it. */
const SETTINGS = [...Object.keys(Config.shape), ...SECRETS.map((name) => `${name}_FILE`)];
const NOT_OURS = ['NODE_ENV', 'TCP_NODELAY', 'HOOK_URL'];
const unknown = (names: readonly string[]) =>
  names.filter((n) => !SETTINGS.includes(n) && !NOT_OURS.includes(n));

describe('the image', () => {
  const lines = text('deploy/Dockerfile').replace(/\\\n/g, ' ').split('\n');

  test('runs as nobody in particular, by number, and says whether it is ready', () => {
    expect(lines.findLast((line) => line.startsWith('USER'))).toBe('USER 1000:1000');
    expect(lines.findIndex((l) => l.startsWith('USER'))).toBeGreaterThan(
      lines.findLastIndex((l) => l.startsWith('RUN')),
    );
    expect(lines.filter((line) => line.startsWith('FROM'))).toEqual([
      'FROM node:24-bookworm-slim AS packages',
      'FROM node:24-bookworm-slim',
    ]);
    expect(text('deploy/Dockerfile')).toContain('/readyz');
    for (const line of lines) expect(line).not.toMatch(/^ADD|:latest|curl|sudo|SECRET|PASSWORD/);
  });

  test('everything that it copies is here, or is built by npm run setup, and is not ignored', () => {
    const copied = lines
      .filter((line) => line.startsWith('COPY') && !line.includes('--from'))
      .flatMap((line) => line.split(/\s+/).slice(1, -1));
    expect(copied).toContain('server');
    for (const file of copied)
      expect([file, file.startsWith('.cache/') || existsSync(file)]).toEqual([file, true]);
    const kept = text('deploy/Dockerfile.dockerignore')
      .split('\n')
      .filter((l) => l.startsWith('!'))
      .map((l) => l.slice(1));
    for (const file of copied)
      expect([file, kept.some((k) => file === k || file.startsWith(`${k}/`))]).toEqual([file, true]);
  });

  test('what the server imports is there without what only tests need', () => {
    const { dependencies } = JSON.parse(text('package.json')) as { dependencies: Record<string, string> };
    const files = readdirSync('server', { recursive: true, encoding: 'utf8' }).filter(
      (f) => f.endsWith('.ts') && !f.endsWith('.d.ts'),
    );
    const imported = files.flatMap((file) =>
      [
        ...text(join('server', file)).matchAll(
          /^(?:import|export) (?!type)[^;]*?from '([^'.][^']*)'|import\('([^'.][^']*)'\)/gm,
        ),
      ].map(([, a, b]) => (a ?? b) as string),
    );
    const packages = new Set(
      imported
        .filter((name) => !name.startsWith('node:'))
        .map((name) =>
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
    );
    expect(packages.size).toBeGreaterThan(15);
    expect([...packages].filter((name) => !(name in dependencies) && !builtinModules.includes(name))).toEqual(
      [],
    );
  });
});

describe.each(['pellucid.service', 'pellucid-worker@.service'])('the unit %s', (unit) => {
  const file = `deploy/systemd/${unit}`;
  test('is one that systemd reads, and leaves little open', () => {
    if (!existsSync('/usr/bin/systemd-analyze')) return expect(text(file)).toContain('NoNewPrivileges=true');
    const run = (...args: readonly string[]) => {
      try {
        return execFileSync('systemd-analyze', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
      } catch (error) {
        const { stdout, stderr } = error as { stdout: string; stderr: string };
        return stdout + stderr;
      }
    };
    const said = run('verify', file)
      .split('\n')
      .filter((line) => line && !line.includes('/opt/pellucid/node_modules/.bin/node is not executable'));
    expect(said).toEqual([]);
    const [, exposure] =
      /Overall exposure level[^:]*: ([\d.]+)/.exec(run('security', '--offline=true', file)) ?? [];
    expect(Number(exposure)).toBeLessThan(2);
  });

  test('sets only what the server knows', () => {
    const set = [
      ...text(file).matchAll(/^Environment=(\w+)=/gm),
      ...text('deploy/systemd/pellucid.env').matchAll(/^(\w+)=/gm),
    ].map(([, name]) => name as string);
    expect(set.length).toBeGreaterThan(5);
    expect(unknown(set)).toEqual([]);
  });
});

describe('on Kubernetes', () => {
  interface Container {
    readonly name: string;
    readonly securityContext: object;
    readonly env?: readonly { name: string }[];
    readonly resources: { limits: { memory: string } };
    readonly livenessProbe?: { httpGet: { path: string; port: string } };
    readonly readinessProbe?: object;
    readonly startupProbe?: object;
    readonly ports?: readonly { name: string; containerPort: number }[];
    readonly volumeMounts: readonly { name: string; mountPath: string }[];
  }
  const documents = parseAllDocuments(text('deploy/kubernetes/pellucid.yaml')).map((d) => {
    expect(d.errors).toEqual([]);
    return d.toJS();
  });
  const pods = documents.filter(({ kind }) => kind === 'Deployment').map(({ spec }) => spec.template.spec);
  const containers: readonly Container[] = pods.flatMap((pod) => pod.containers);

  test('nobody is root, nothing is written but where a volume is, nothing may be gained', () => {
    expect(containers.map(({ name }) => name)).toEqual(['server', 'worker']);
    for (const pod of pods) {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      });
      const volumes = pod.volumes.map(({ name }: { name: string }) => name);
      for (const container of pod.containers as readonly Container[]) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.volumeMounts.map(({ name }) => name)).toEqual(volumes);
        expect(container.resources.limits.memory).toMatch(/^\d+Gi$/);
      }
    }
  });

  test('the server is asked whether it lives at an address of its own; a worker answers nobody', () => {
    const [server] = containers as [Container];
    expect(server.livenessProbe?.httpGet).toEqual({ path: '/healthz', port: 'http' });
    expect(server.readinessProbe && server.startupProbe).toBeDefined();
    expect(server.ports).toEqual([{ name: 'http', containerPort: 3000 }]);
  });

  test('labels meet, and settings are ones that the server knows', () => {
    for (const { kind, spec, data } of documents) {
      if (kind === 'Deployment') expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels);
      if (kind === 'Service')
        expect(pods[0] && documents[2].spec.template.metadata.labels).toEqual(spec.selector);
      if (kind === 'ConfigMap') expect(unknown(Object.keys(data))).toEqual([]);
    }
    expect(unknown(containers.flatMap(({ env = [] }) => env.map(({ name }) => name)))).toEqual([]);
  });
});

test('the containers of compose.yaml set only what the server knows, and may gain nothing', () => {
  const { services } = parse(text('orthanc-config/compose.yaml'), { merge: true });
  for (const name of ['server', 'worker']) {
    const { environment, build } = services[name];
    expect(unknown(Object.keys(environment))).toEqual([]);
    expect(existsSync(build.dockerfile)).toBe(true);
    expect(services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  }
});

describe('what watches it', () => {
  /** Names as Prometheus stores them: of a histogram also its parts. */
  async function names(): Promise<readonly string[]> {
    const registry: Registry = metricsOf({
      onChangeAnywhere: () => () => undefined,
      overview: async () => ({ waiting: [] }) as never,
    });
    return (await registry.getMetricsAsJSON()).flatMap(({ name, type }) =>
      String(type) === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    );
  }
  const ask = (expression: string): readonly string[] =>
    [...expression.matchAll(/\b((?:pellucid|process|nodejs)_[a-z0-9_]+)/g)].map(([, name]) => name as string);

  test('every figure of the dashboard and of the alert rules is one that the server gives', async () => {
    const known = await names();
    const dashboard = JSON.parse(text('deploy/observe/grafana.json')) as {
      panels: { title: string; targets: { expr: string }[] }[];
    };
    const { groups } = parse(text('deploy/observe/alerts.yaml')) as {
      groups: { rules: { alert: string; expr: string; annotations: object }[] }[];
    };
    const expressions = [
      ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
      ...groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
    ];
    expect(expressions.length).toBeGreaterThan(15);
    for (const expression of expressions)
      expect([expression, ask(expression).filter((name) => !known.includes(name))]).toEqual([expression, []]);
    expect(new Set(expressions.flatMap(ask).filter((n) => n.startsWith('pellucid_'))).size).toBeGreaterThan(
      5,
    );
    for (const { rules } of groups)
      for (const { annotations } of rules)
        expect(annotations).toEqual({ summary: expect.any(String), action: expect.any(String) });
  });
});

test('every test that docs/threats.md and docs/upgrade.md name is there', () => {
  const named = ['docs/threats.md', 'docs/upgrade.md'].flatMap((page) =>
    [...text(page).matchAll(/`(test\/[\w./-]+)`/g)].map(([, file]) => file as string),
  );
  expect(new Set(named).size).toBeGreaterThan(12);
  expect(named.filter((file) => !existsSync(file))).toEqual([]);
});
