export { gatewaySettings } from './settings.ts';
export { startGateway, type GatewaySettings, type StartedGateway } from './start-gateway.ts';
export { Metrics } from './metrics.ts';
export type { ListenOptions } from './create-gateway.ts';
export { composeStatic } from './compose-static.ts';
export { greeting, shownTemplateOf, type GreetingFacts } from './greeting.ts';
export { openKeys, type Maintenance, type OpenKeys, type OpenKeysOptions } from './open-keys.ts';
export { passThroughPolicy } from './pass-through-policy.ts';
