/** Defaults from the environment for options that the command line leaves out. */
export interface EnvironmentDefaults {
  readonly port: string | undefined;
  readonly orders: string | undefined;
  readonly seed: string | undefined;
}

export function readEnvironment(): EnvironmentDefaults {
  const { EMULATOR_PORT: port, EMULATOR_ORDERS: orders, EMULATOR_SEED: seed } = process.env;
  return { port: port || undefined, orders: orders || undefined, seed: seed || undefined };
}
