export { exitCodeOf, exitCodes, type ExitCode } from './exit-codes.ts';
export {
  parseGatewayAddress,
  templatePath,
  type GatewayAddress,
  type GatewayAddressResult,
} from './gateway-address.ts';
export {
  createGatewayClient,
  type CallOptions,
  type Download,
  type ExplainAnswer,
  type ExplainOptions,
  type Fetch,
  type GatewayClient,
  type GatewayClientOptions,
  type HealthAnswer,
  type TemplateAnswer,
  type TemplateRunOptions,
  type UploadOptions,
} from './gateway-client.http.ts';
export type { OfferedVariable, ReportOffer } from './report-offers.ts';
export { GatewayError, transportCodes, type GatewayErrorFacts, type TransportCode } from './gateway-error.ts';
