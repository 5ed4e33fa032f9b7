export * from './template-folder.fs.ts';
