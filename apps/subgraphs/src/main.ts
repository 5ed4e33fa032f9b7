import { readEnvironment } from './config.ts';
import { keepHeapSmall, runService } from '@certfolio/runtime';
import { startSubgraphs } from './start-subgraphs.ts';

keepHeapSmall();
await runService({ process, readEnvironment }, startSubgraphs);
