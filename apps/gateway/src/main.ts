import { readEnvironment } from './config.ts';
import { runService } from '@certfolio/runtime';
import { startGatewayAlone } from './start-gateway-alone.ts';

await runService({ process, readEnvironment }, startGatewayAlone);
