import { readEnvironment } from './config.ts';
import { collectEarly, keepHeapSmall, runService } from '@certfolio/runtime';
import { startStandalone } from './start-standalone.ts';

keepHeapSmall();
const collectAsBefore = collectEarly();
await runService({ process, readEnvironment }, startStandalone);
collectAsBefore();
