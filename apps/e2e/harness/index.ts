export { createCaller, dataOf, toldFacts, type Caller, type HttpAnswer } from './caller.ts';
export { askUpstream, callsOf, statsOf, type CallStats } from './emulator-facts.ts';
export type { CreatedCaller, ProductProcess } from './product-process.ts';
export { createStage, type Stage } from './stage.ts';
export { createFreshProducts, customReportsFields } from './fresh-product.ts';
export { commandLineBin, runCommand, type CommandEnd } from './command-line.ts';
