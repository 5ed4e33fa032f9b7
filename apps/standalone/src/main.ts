import { readEnvironment } from './config.ts';
import { collectEarly, keepHeapSmall, runService } from '@certfolio/runtime';
import { startStandalone } from './start-standalone.ts';

keepHeapSmall();
const started = collectEarly();
await runService({ process, readEnvironment }, startStandalone);
started();
