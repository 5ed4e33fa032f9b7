import module from 'node:module';

/**
 * What @apollo/gateway 2.14 loads and the product never calls: the metrics that it would send home, which every process of ours
 * switches off; the fetcher of its own remote data sources, for which ours stand in; and graphs drawn of query graphs.
 */
const unused =
  /^(@opentelemetry\/(exporter-metrics-otlp-http|resource-detector-[a-z-]+|resources|sdk-metrics|semantic-conventions\/incubating)|make-fetch-happen|ts-graphviz)$/;
const askedBy = /\/node_modules\/@apollo\/(gateway|query-graphs)\//;

/**
 * Has such modules be empty ones, before Apollo's are loaded: 20 MB less for a process to keep. Plain JavaScript, as it comes before
 * everything else.
 */
export function leaveOutUnused() {
  module.registerHooks({
    resolve(specifier, context, nextResolve) {
      if (!unused.test(specifier) || !askedBy.test(context.parentURL ?? '')) return nextResolve(specifier, context);
      return { url: new URL('./empty.cjs', import.meta.url).href, format: 'commonjs', shortCircuit: true };
    },
  });
}
