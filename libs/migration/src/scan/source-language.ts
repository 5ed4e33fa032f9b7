/** What a file is read as. `javascript` is TypeScript too. */
export type SourceLanguage = 'python' | 'javascript' | 'go' | 'powershell' | 'hcl' | 'shell' | 'yaml';

const byExtension = new Map<string, SourceLanguage>([
  ...['py', 'pyw'].map((each) => [each, 'python'] as const),
  ...['js', 'mjs', 'cjs', 'jsx', 'ts', 'mts', 'cts', 'tsx'].map((each) => [each, 'javascript'] as const),
  ['go', 'go'],
  ...['ps1', 'psm1', 'psd1'].map((each) => [each, 'powershell'] as const),
  ...['tf', 'hcl', 'tfvars'].map((each) => [each, 'hcl'] as const),
  ...['sh', 'bash', 'zsh', 'ksh'].map((each) => [each, 'shell'] as const),
  ...['yml', 'yaml'].map((each) => [each, 'yaml'] as const),
]);

/** Extensions of the files that a scan reads. */
export const scannedExtensions: readonly string[] = [...byExtension.keys()];

const interpreters: readonly (readonly [RegExp, SourceLanguage])[] = [
  [/\bpython[\d.]*\b/, 'python'],
  [/\b(node|deno|bun)\b/, 'javascript'],
  [/\bpwsh\b/, 'powershell'],
  [/\b(ba|z|k|da)?sh\b/, 'shell'],
];

/** By the extension of its name, without one by its first line; null for what is not read. */
export function languageOf(fileName: string, text: string): SourceLanguage | null {
  const base = fileName.slice(fileName.lastIndexOf('/') + 1);
  const dot = base.lastIndexOf('.');
  if (dot > 0) return byExtension.get(base.slice(dot + 1).toLowerCase()) ?? null;
  const first = text.startsWith('#!') ? text.slice(2, text.indexOf('\n') === -1 ? undefined : text.indexOf('\n')) : '';
  return interpreters.find(([pattern]) => pattern.test(first))?.[1] ?? null;
}
