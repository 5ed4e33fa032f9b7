/** What the environment says to a command. */
export interface CliConfig {
  readonly url: string;
  readonly key: string | null;
  readonly templatesDir: string;
  /** Show stack traces. */
  readonly debug: boolean;
  readonly noColor: boolean;
  readonly httpsProxy: string | null;
  readonly noProxy: string;
}

/** Reads the environment once. An empty variable is one that is not set. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): CliConfig {
  const valueOf = (...names: string[]) =>
    names.map((name) => environment[name]).find((value) => value !== undefined && value !== '') ?? null;
  return {
    url: valueOf('CERTFOLIO_URL') ?? 'http://127.0.0.1:4000',
    key: valueOf('CERTFOLIO_KEY'),
    templatesDir: valueOf('CERTFOLIO_TEMPLATES_DIR') ?? 'templates',
    debug: valueOf('CERTFOLIO_DEBUG') === '1',
    noColor: valueOf('NO_COLOR') !== null,
    httpsProxy: valueOf('https_proxy', 'HTTPS_PROXY'),
    noProxy: valueOf('no_proxy', 'NO_PROXY') ?? '',
  };
}
