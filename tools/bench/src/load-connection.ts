import { connect, type Socket } from 'node:net';

/** What an answer begins with. */
interface AnswerHead {
  readonly status: number;
  /** Bytes of the body; null for a body in chunks. */
  readonly length: number | null;
}

type Settle = { readonly resolve: (bytes: number) => void; readonly reject: (error: Error) => void };

const headEnd = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');

/**
 * One connection that sends requests one after the other and counts the bytes of their answers. It reads no more of HTTP than where
 * an answer ends (RFC 9112, sections 6 and 7), since what the generator takes of two processors the measured process lacks.
 */
export class LoadConnection {
  readonly #socket: Socket;
  readonly #origin: string;
  #settle: Settle | null = null;
  /** What came of a head or of a chunk's size line that has no end yet. */
  #begun: Buffer = Buffer.alloc(0);
  #head: AnswerHead | null = null;
  /** Of the body, or of the chunk. */
  #leftBytes = 0;
  #bodyBytes = 0;

  constructor(origin: string) {
    const { hostname, port } = new URL(origin);
    this.#origin = origin;
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.on('data', (piece: Buffer) => this.#received(piece));
    this.#socket.on('error', (error) => this.#failed(error));
    this.#socket.on('close', () => this.#failed(new Error(`${origin} closed the connection.`)));
  }

  /** @returns bytes of the body */
  send(request: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#head = null;
      this.#bodyBytes = 0;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#settle = null;
    this.#socket.destroy();
  }

  #received(piece: Buffer): void {
    let rest = piece;
    if (this.#begun.length > 0) {
      rest = Buffer.concat([this.#begun, piece]);
      this.#begun = Buffer.alloc(0);
    }
    while (rest.length > 0 && this.#settle !== null) {
      if (this.#head === null) rest = this.#readHead(rest);
      else if (this.#leftBytes > 0) rest = this.#readBody(rest);
      else rest = this.#readChunkSize(rest);
    }
  }

  #readHead(bytes: Buffer): Buffer {
    const end = bytes.indexOf(headEnd);
    if (end < 0) return this.#keep(bytes);
    const text = bytes.toString('latin1', 0, end).toLowerCase();
    const length = /\r\ncontent-length: *(\d+)/.exec(text)?.[1];
    const head: AnswerHead = {
      status: Number(text.slice(9, 12)),
      length: length === undefined ? null : Number(length),
    };
    this.#head = head;
    this.#leftBytes = head.length ?? 0;
    if (head.status !== 200) this.#failed(new Error(`An answer has the status ${head.status}.`));
    else if (head.length === null && !/\r\ntransfer-encoding: *chunked/.test(text))
      this.#failed(new Error(`An answer of ${this.#origin} has no length.`));
    else if (head.length === 0) this.#ended();
    return bytes.subarray(end + headEnd.length);
  }

  #readBody(bytes: Buffer): Buffer {
    const taken = Math.min(this.#leftBytes, bytes.length);
    // A refusal may be a 200 too; an answer of ours and of Apollo begins with errors when it has any.
    if (this.#bodyBytes === 0 && bytes.subarray(0, 10).includes('errors'))
      this.#failed(new Error(`An answer of ${this.#origin} has errors: ${bytes.toString('utf8', 0, 300)}`));
    this.#bodyBytes += taken;
    this.#leftBytes -= taken;
    if (this.#leftBytes === 0 && this.#head!.length !== null) this.#ended();
    return bytes.subarray(taken);
  }

  #readChunkSize(bytes: Buffer): Buffer {
    // The line end of the chunk before comes first.
    const from = this.#bodyBytes > 0 && bytes[0] === 13 ? lineEnd.length : 0;
    const end = bytes.indexOf(lineEnd, from);
    if (end < 0) return this.#keep(bytes);
    this.#leftBytes = Number.parseInt(bytes.toString('latin1', from, end), 16);
    if (this.#leftBytes > 0) return bytes.subarray(end + lineEnd.length);
    if (bytes.length < end + headEnd.length) return this.#keep(bytes);
    this.#ended();
    return bytes.subarray(end + headEnd.length);
  }

  #keep(bytes: Buffer): Buffer {
    this.#begun = bytes;
    return bytes.subarray(bytes.length);
  }

  #ended(): void {
    const settle = this.#settle;
    this.#settle = null;
    settle?.resolve(this.#bodyBytes);
  }

  #failed(error: Error): void {
    const settle = this.#settle;
    this.#settle = null;
    settle?.reject(error);
  }
}
