import { readEnvironment } from './config.ts';
import { runService } from '@certfolio/runtime';
import { startSubgraphs } from './start-subgraphs.ts';

await runService({ process, readEnvironment }, startSubgraphs);
