import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Analysis } from '../../server/jobs/index.ts';

const MINUTE = Date.parse('2026-11-28T14:00:00.000Z');
const ANALYSIS = {
  id: 'a'.repeat(32),
  StudyInstanceUID: '1.2.3',
  SeriesInstanceUID: '1.2.3.4',
  modelId: 'chest',
  modelVersion: '1.0.0',
  mode: 'clinical',
  attempts: 1,
  fault: null,
  timings: {
    queued: 5_000,
    retrieving: 100,
    inferring: 2_000,
    explaining: 3_000,
    encoding: 400,
    storing: 500,
  },
  findings: [{ label: 'Pneumonia', sentence: 'The model sees it.' }],
  createdAt: new Date(MINUTE).toISOString(),
  updatedAt: new Date(MINUTE + 11_000).toISOString(),
} as unknown as Analysis;

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { key: string; value: { stringValue?: string; intValue?: number } }[];
  readonly status: { readonly code: number; readonly message?: string };
}

/** What a collector takes at /v1/traces (OTLP/HTTP 1.x, JSON), answered as the specification has it. */
test('an analysis that ended is a trace at the collector: its stages end to end, codes, and nothing of a patient or study', async () => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      bodies.push(`${request.method} ${request.url} ${request.headers['content-type']}\n${body}`);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"partialSuccess":{}}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const child = fork('test/metrics/traces-process.ts', [`http://127.0.0.1:${port}/`]);
  await once(child, 'message');
  child.send([
    ...(['queued', 'inferring', 'done'] as const).map((state) => ({ ...ANALYSIS, state })),
    {
      ...ANALYSIS,
      state: 'failed',
      timings: {},
      fault: { code: 'STORE_REFUSED', detail: 'study 1.2.3 of SECRET', action: '' },
    },
  ]);
  await once(child, 'exit');
  server.closeAllConnections();
  server.close();

  const text = bodies.join('\n');
  expect(bodies[0]).toMatch(/^POST \/v1\/traces application\/json\n/);
  for (const hidden of ['1.2.3', 'SECRET', 'Pneumonia']) expect(text).not.toContain(hidden);
  const { resourceSpans } = JSON.parse(bodies[0]?.split('\n')[1] ?? '{}') as {
    resourceSpans: {
      scopeSpans: { spans: OtlpSpan[] }[];
      resource: { attributes: OtlpSpan['attributes'] };
    }[];
  };
  const spans = resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans));
  const [done, failed] = spans.filter(({ name }) => name === 'analysis') as [OtlpSpan, OtlpSpan];
  const ms = (nano: string) => Number(BigInt(nano) / 1_000_000n) - MINUTE;
  expect(
    spans
      .filter((s) => s.parentSpanId === done.spanId)
      .map((s) => [s.name, s.traceId === done.traceId, ms(s.startTimeUnixNano), ms(s.endTimeUnixNano)]),
  ).toEqual([
    ['retrieving', true, 5_000, 5_100],
    ['inferring', true, 5_100, 7_100],
    ['explaining', true, 7_100, 10_100],
    ['encoding', true, 10_100, 10_500],
    ['storing', true, 10_500, 11_000],
  ]);
  expect([ms(done.startTimeUnixNano), ms(done.endTimeUnixNano), done.status.code]).toEqual([0, 11_000, 0]);
  expect(failed.status).toEqual({ code: 2, message: 'STORE_REFUSED' });
  expect(resourceSpans[0]?.resource.attributes).toContainEqual({
    key: 'service.version',
    value: { stringValue: '9.9.9' },
  });
});
