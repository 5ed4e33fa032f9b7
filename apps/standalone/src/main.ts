import { readEnvironment } from './config.ts';
import { runService } from '@certfolio/runtime';
import { startStandalone } from './start-standalone.ts';

await runService({ process, readEnvironment }, startStandalone);
