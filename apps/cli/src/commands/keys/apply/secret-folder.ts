import { access, chmod, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../../../cli-error.ts';

/** A file that waits for its key. */
export interface SecretFile {
  readonly path: string;
  write(text: string): Promise<void>;
  /** Takes the empty file away. */
  giveUp(): Promise<void>;
}

/** A folder with one file for each new key, which its owner alone may read. */
export class SecretFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** What would keep the keys of these names from being written. Makes the folder. */
  async problemsOf(names: readonly string[]): Promise<readonly string[]> {
    try {
      await mkdir(this.#path, { recursive: true, mode: 0o700 });
    } catch (error) {
      return [`${this.#path} cannot be made: ${(error as Error).message}`];
    }
    const paths = names.map((name) => this.#fileOf(name));
    const twice = paths.filter((path, at) => paths.indexOf(path) !== at);
    const there = await Promise.all(
      paths.map((path) =>
        access(path).then(
          () => true,
          () => false,
        ),
      ),
    );
    return [
      ...paths.filter((_path, at) => there[at]).map((path) => `${path} is there already and would be overwritten`),
      ...twice.map((path) => `${path} would be the file of two keys`),
    ];
  }

  /** @throws CliError when the file is there or cannot be made */
  async reserve(name: string): Promise<SecretFile> {
    const path = this.#fileOf(name);
    const handle = await open(path, 'wx', 0o600).catch((error: Error) => {
      throw new CliError('FILE', `${path} cannot be written: ${error.message}.`);
    });
    // Whatever the process's mask is.
    await chmod(path, 0o600);
    return {
      path,
      async write(text) {
        await handle.writeFile(text);
        await handle.sync();
        await handle.close();
      },
      async giveUp() {
        await handle.close();
        await rm(path, { force: true });
      },
    };
  }

  #fileOf(name: string): string {
    return join(this.#path, `${name.replaceAll(/[^A-Za-z0-9._-]/g, '_').replace(/^\./, '_')}.key`);
  }
}
