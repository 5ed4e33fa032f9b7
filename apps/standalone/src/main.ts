import { readEnvironment } from './config.ts';
import { keepHeapSmall, runService } from '@certfolio/runtime';
import { startStandalone } from './start-standalone.ts';

keepHeapSmall();
await runService({ process, readEnvironment }, startStandalone);
