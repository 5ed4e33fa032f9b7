import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { sayReady } from './ready.ts';
import { works } from './works.ts';

// The least that any gateway in this Node does: the same calls of CertCentral side by side, their bytes passed on as a list.
const { values } = parseArgs({ options: { upstream: { type: 'string' } } });
const { origin, pathname } = new URL(values.upstream!);
const pool = new Pool(origin, { connections: 64, pipelining: 1 });
const workOf = new Map(works.map((work) => [work.template, work]));

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    const { operationName, variables } = JSON.parse(Buffer.concat(pieces).toString('utf8')) as {
      operationName: string;
      variables: Record<string, string>;
    };
    const bodies = workOf.get(operationName)!.upstreamPaths(variables).map(readUpstream);
    Promise.all(bodies).then(
      (answers) => {
        const bytes = answers.flat().reduce((sum, piece) => sum + piece.length, 0) + answers.length + 1;
        response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes });
        response.cork();
        for (const [index, answer] of answers.entries()) {
          response.write(index === 0 ? '[' : ',');
          for (const piece of answer) response.write(piece);
        }
        response.end(']');
        response.uncork();
      },
      (error: Error) => response.writeHead(502).end(error.message),
    );
  });
});

function readUpstream(path: string): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    pool.dispatch(
      { path: `${pathname}${path}`, method: 'GET', headers: { 'x-dc-devkey': 'bench', accept: 'application/json' } },
      {
        onRequestStart() {},
        onResponseStart(_controller, status) {
          if (status !== 200) reject(new Error(`The mock answered ${status}.`));
        },
        onResponseData(_controller, piece) {
          pieces.push(piece);
        },
        onResponseEnd: () => resolve(pieces),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

server.keepAliveTimeout = 120_000;
sayReady(server, '127.0.0.1');
