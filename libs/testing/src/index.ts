export * from './emulator-process.ts';
