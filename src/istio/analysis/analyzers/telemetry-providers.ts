/**
 * Providers that Telemetries name: none where one is needed, or one that is going away.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0157/ and ist0002/
 */
import type { Analyzer } from '../context.ts';

export const telemetryProviderAnalyzer: Analyzer = {
  name: 'telemetry.ProviderAnalyzer',
  run(context) {
    if (context.meshConfig.defaultProviders?.accessLogging?.length) return;
    for (const telemetry of context.all('Telemetry')) {
      const { name, namespace, spec } = telemetry;
      spec.accessLogging?.forEach(({ disabled, providers }, index) => {
        if (disabled || providers?.length) return;
        const path = ['spec', 'accessLogging', index];
        context.report('InvalidTelemetryProvider', telemetry, [name, namespace], path);
      });
    }
  },
};

export const lightstepAnalyzer: Analyzer = {
  name: 'telemetry.LightstepAnalyzer',
  run(context) {
    const names = new Set(
      (context.meshConfig.extensionProviders ?? [])
        .filter(({ lightstep }) => lightstep)
        .map(({ name }) => name),
    );
    for (const telemetry of context.all('Telemetry'))
      telemetry.spec.tracing?.forEach(({ providers = [] }, index) => {
        for (const { name } of providers) {
          if (!names.has(name)) continue;
          const detail = `The Lightstep provider ${name} is deprecated, please migrate to OpenTelemetry provider.`;
          context.report('Deprecated', telemetry, [detail], ['spec', 'tracing', index]);
        }
      });
  },
};
