export * from './emulator-process.http.ts';
