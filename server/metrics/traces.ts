import { context, type Span, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Analysis } from '../jobs/index.ts';
import { WORK_STATES } from '../jobs/protocol.ts';

export interface Traces {
  /** An analysis came to a state; of one that has ended a trace goes out. */
  told(analysis: Analysis): void;
  /** Sends what is left. */
  end(): Promise<void>;
}

/**
 * Each analysis as a trace for an OpenTelemetry collector (OTLP over HTTP): a span from its arrival to its end, one for each stage within.
 * The stages are laid end to end up to the end from the times that the worker measured. Attributes are identifiers of ours, models, states
 * and codes; headers and the like are set by the OTEL_EXPORTER_OTLP_… variables that the exporter reads itself.
 */
export function openTraces(endpoint: string, version: string): Traces {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'pellucid', 'service.version': version }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` }),
      }),
    ],
  });
  const tracer = provider.getTracer('pellucid');
  return {
    told: (analysis) => {
      if (analysis.state === 'done' || analysis.state === 'failed') traceOf(tracer, analysis);
    },
    end: () => provider.shutdown(),
  };
}

function traceOf(tracer: Tracer, analysis: Analysis): void {
  const { id, modelId, modelVersion, mode, state, fault, attempts, timings } = analysis;
  const end = Date.parse(analysis.updatedAt);
  const whole = tracer.startSpan('analysis', {
    startTime: Date.parse(analysis.createdAt),
    attributes: {
      'pellucid.analysis': id,
      'pellucid.model': modelId === null ? 'none' : `${modelId}@${modelVersion}`,
      'pellucid.mode': mode ?? 'none',
      'pellucid.state': state,
      'pellucid.attempts': attempts,
    },
  });
  if (state === 'failed') failed(whole, fault?.code ?? 'unknown');
  const stages = WORK_STATES.filter((stage) => timings[stage] !== undefined);
  let begin = end - stages.reduce((sum, stage) => sum + (timings[stage] ?? 0), 0);
  for (const stage of stages) {
    const within = trace.setSpan(context.active(), whole);
    const span = tracer.startSpan(stage, { startTime: begin }, within);
    begin += timings[stage] ?? 0;
    span.end(begin);
  }
  whole.end(end);
}

/** The code alone: what a fault says in words may go further than a trace should. */
function failed(span: Span, code: string): void {
  span.setAttribute('pellucid.fault', code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: code });
}
