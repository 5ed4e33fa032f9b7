import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { type OrderBook } from '../orders/order-book.ts';
import { type Order } from '../orders/order.ts';
import { readChunk, writeChunk } from './chunk-file.ts';
import { primarySpec, specDigest, type FileSpec } from './file-spec.ts';
import { makeFiles, type OrderFiles } from './make-files.ts';
import { createWorkerPool } from './worker-pool.ts';

const CHUNK_ORDERS = 1_000;
const CHUNKS_IN_MEMORY = 4;
const SINGLES_IN_MEMORY = 2_000;
/** Below this many wanted orders of a chunk, signing them is cheaper than making the whole chunk. */
const WORTH_A_CHUNK = 40;

export interface OrderWithFiles {
  readonly order: Order;
  readonly files: OrderFiles;
}

/** Files of orders, made when first asked for. Memory stays bounded: bulk reads go chunk by chunk through the disk. */
export interface CertificateStore {
  readonly filesOf: (order: Order) => OrderFiles;
  readonly filesOfSpec: (spec: FileSpec) => OrderFiles;
  /** In the order given, in batches of at most 1,000; the next chunks are made while one is being used. */
  readonly streamFiles: (orders: readonly Order[]) => AsyncGenerator<readonly OrderWithFiles[]>;
  /** The first call makes the files of all orders: about a minute for 100,000, from then on a look-up. */
  readonly findByThumbprint: (thumbprint: string) => Promise<Order | undefined>;
  readonly close: () => Promise<void>;
}

export interface CertificateStoreOptions {
  readonly book: OrderBook;
  /** A folder of its own for this seed, month and number of orders; undefined keeps nothing on disk. */
  readonly directory: string | undefined;
  readonly workers: number;
}

interface Batch {
  readonly chunk: number | undefined;
  readonly orders: readonly Order[];
}

export function createCertificateStore({ book, directory, workers }: CertificateStoreOptions): CertificateStore {
  const pool = createWorkerPool(workers);
  const singles = new LRUCache<string, OrderFiles>({ max: SINGLES_IN_MEMORY });
  const chunks = new LRUCache<number, Promise<readonly OrderFiles[]>>({ max: CHUNKS_IN_MEMORY });
  let positionsByThumbprint: Promise<Map<string, number>> | undefined;

  const makeChunk = async (chunk: number): Promise<readonly OrderFiles[]> => {
    const specs = book.generated.slice(chunk * CHUNK_ORDERS, (chunk + 1) * CHUNK_ORDERS).map(primarySpec);
    const digest = createHash('sha256').update(JSON.stringify(specs)).digest('hex');
    const path =
      directory === undefined ? undefined : join(directory, `chunk-${String(chunk).padStart(5, '0')}.ndjson`);
    const stored = path === undefined ? undefined : await readChunk(path, digest);
    if (stored !== undefined) return stored;
    const made = await pool.makeFiles(specs);
    // A disk that cannot be written costs speed, not answers.
    if (path !== undefined) await writeChunk(path, digest, made).catch(() => undefined);
    return made;
  };

  const filesOfChunk = (chunk: number): Promise<readonly OrderFiles[]> => {
    const known = chunks.get(chunk);
    if (known !== undefined) return known;
    const making = makeChunk(chunk);
    chunks.set(chunk, making);
    making.catch(() => chunks.delete(chunk));
    return making;
  };

  const filesOfSpec = (spec: FileSpec): OrderFiles => {
    const digest = specDigest(spec);
    const known = singles.get(digest);
    if (known !== undefined) return known;
    const made = makeFiles(spec);
    singles.set(digest, made);
    return made;
  };
  const filesOf = (order: Order) => filesOfSpec(primarySpec(order));

  const isAsGenerated = (order: Order) => order.position !== undefined && book.generated[order.position] === order;
  const chunkOf = (order: Order) => Math.floor((order.position ?? 0) / CHUNK_ORDERS);

  const batchesOf = (orders: readonly Order[]): Batch[] => {
    const wantedPerChunk = new Map<number, number>();
    for (const order of orders) {
      if (isAsGenerated(order)) wantedPerChunk.set(chunkOf(order), (wantedPerChunk.get(chunkOf(order)) ?? 0) + 1);
    }
    const sourceOf = (order: Order) => {
      const chunk = chunkOf(order);
      return isAsGenerated(order) && (wantedPerChunk.get(chunk) ?? 0) >= WORTH_A_CHUNK ? chunk : undefined;
    };
    const batches: { chunk: number | undefined; orders: Order[] }[] = [];
    for (const order of orders) {
      const chunk = sourceOf(order);
      const last = batches.at(-1);
      const limit = chunk === undefined ? WORTH_A_CHUNK : CHUNK_ORDERS;
      if (last !== undefined && last.chunk === chunk && last.orders.length < limit) last.orders.push(order);
      else batches.push({ chunk, orders: [order] });
    }
    return batches;
  };

  async function* streamFiles(orders: readonly Order[]): AsyncGenerator<readonly OrderWithFiles[]> {
    const batches = batchesOf(orders);
    for (const [at, batch] of batches.entries()) {
      for (const { chunk } of batches.slice(at, at + pool.size + 1)) {
        // Failures are met when the chunk's turn comes.
        if (chunk !== undefined) filesOfChunk(chunk).catch(() => undefined);
      }
      const made = batch.chunk === undefined ? undefined : await filesOfChunk(batch.chunk);
      // One by one means signing on this thread: let other requests in between.
      if (made === undefined) await new Promise(setImmediate);
      yield batch.orders.map((order) => ({
        order,
        files: made?.[(order.position ?? 0) % CHUNK_ORDERS] ?? filesOf(order),
      }));
    }
  }

  const indexThumbprints = async () => {
    const positions = new Map<string, number>();
    for await (const batch of streamFiles(book.generated)) {
      for (const { order, files } of batch) {
        if (files.thumbprint !== undefined && order.position !== undefined)
          positions.set(files.thumbprint, order.position);
      }
    }
    return positions;
  };

  return {
    filesOf,
    filesOfSpec,
    streamFiles,
    findByThumbprint: async (thumbprint) => {
      const wanted = thumbprint.toUpperCase();
      const matches = (order: Order | undefined) =>
        order?.issuance !== undefined && filesOf(order).thumbprint === wanted;
      const changed = book.changed().find(matches);
      if (changed !== undefined) return changed;
      positionsByThumbprint ??= indexThumbprints();
      positionsByThumbprint.catch(() => (positionsByThumbprint = undefined));
      const position = (await positionsByThumbprint).get(wanted);
      const order = position === undefined ? undefined : book.find(book.generated[position]?.id ?? 0);
      // The order may have been given another certificate, or removed, since it was generated.
      return matches(order) ? order : undefined;
    },
    close: pool.close,
  };
}
