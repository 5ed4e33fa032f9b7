export * from './served/built-in-templates.fs.ts';
