export * from './emulator-process.http.ts';
export * from './certfolio-process.http.ts';
