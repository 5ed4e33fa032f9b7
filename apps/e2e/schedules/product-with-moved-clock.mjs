// The product with a clock that a test sets: first by the argument, later by messages, instants as ISO 8601. It runs on from there.
// The product itself has no switch for this; its clock is handed in, as everywhere.
const appUrl = (file) => new URL(`../../standalone/src/${file}`, import.meta.url).href;
const { readEnvironment } = await import(appUrl('config.ts'));
const { startStandalone } = await import(appUrl('start-standalone.ts'));
const { runService, systemClock } = await import('@certfolio/runtime');

let aheadMs = 0;
const setTo = (instant) => {
  aheadMs = Date.parse(instant) - systemClock.nowMs();
};
setTo(process.argv[2]);
process.on('message', (instant) => {
  setTo(instant);
  process.send(instant);
});
// Listening for messages would keep the process alive after a clean stop.
process.channel?.unref();

const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs };
await runService({ process, readEnvironment }, (configuration, shutdown, logger) =>
  startStandalone(configuration, shutdown, logger, clock),
);
