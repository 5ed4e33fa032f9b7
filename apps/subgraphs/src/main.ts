import { readEnvironment } from './config.ts';
import { collectEarly, keepHeapSmall, runService } from '@certfolio/runtime';
import { startSubgraphs } from './start-subgraphs.ts';

keepHeapSmall();
const collectAsBefore = collectEarly();
await runService({ process, readEnvironment }, startSubgraphs);
collectAsBefore();
