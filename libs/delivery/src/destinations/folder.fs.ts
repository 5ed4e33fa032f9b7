import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeliveryFailed,
  type Delivery,
  type DeliveryFile,
  type Destination,
  type Receipt,
  type SendOptions,
} from '@certfolio/reports';
import { deliveryPath } from './delivery-path.ts';
import { manifestOf } from './manifest.ts';

export interface FolderSettings {
  readonly name: string;
  readonly path: string;
}

/** Puts the files of a run and a manifest into a folder, one folder per day; a file is there whole or not at all. */
export function createFolderDestination({ name, path }: FolderSettings): Destination {
  const root = resolve(path);

  async function write(place: string, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const target = join(root, place);
    // Names are ours, but a folder is left by mistake only once.
    if (!target.startsWith(root + sep)) throw new Error('a file outside of the folder');
    await mkdir(join(target, '..'), { recursive: true });
    const unfinished = `${target}.${randomUUID()}.part`;
    try {
      await pipeline(Readable.from(content), createWriteStream(unfinished, { mode: 0o640, flush: true }), { signal });
      await rename(unfinished, target);
    } finally {
      await rm(unfinished, { force: true });
    }
  }

  return {
    name,
    kind: 'folder',
    onUnconfirmed: 'resend',
    recipients: ['folder'],
    refusalOf: (recipient) => (recipient === 'folder' ? null : 'a folder has no other recipients'),
    async send(delivery: Delivery, { signal }: SendOptions): Promise<Receipt> {
      const files = filesOf(delivery);
      try {
        for (const file of files) await write(deliveryPath(delivery, file.name), file.open(), signal);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? String(error);
        throw new DeliveryFailed(name, `a file cannot be written (${code})`, {
          // A full disk may be emptied; a folder that may not be written stays so until somebody changes it.
          isTransient: !['EACCES', 'EPERM', 'EROFS', 'ENOTDIR'].includes(code),
          cause: error,
        });
      }
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      return { reference: deliveryPath(delivery, ''), bytes };
    },
  };
}

/** A failure has no file; it is told by a text, which a folder keeps like any other. */
function filesOf(delivery: Delivery): readonly Pick<DeliveryFile, 'name' | 'bytes' | 'open'>[] {
  // The manifest comes last, so that whoever waits for it finds the files.
  if (delivery.files.length > 0) return [...delivery.files, manifestOf(delivery)];
  const text = Buffer.from(
    `${delivery.headline}\n${delivery.facts.map(([label, value]) => `${label}: ${value}`).join('\n')}\n`,
  );
  return [{ name: `${delivery.kind}.txt`, bytes: text.length, open: () => Readable.from([text]) }];
}
