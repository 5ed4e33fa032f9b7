/** What libs log through; pino fits it. Facts first, then a sentence. A secret is never a fact. */
export interface Logger {
  debug(facts: object, sentence: string): void;
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
  error(facts: object, sentence: string): void;
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
