import { createServer, type IncomingMessage } from 'node:http';
import { sayReady } from './ready.ts';

// The least that any server in this Node does for these answers: parse the request, find the bytes, send them.
const answers = new Map<string, Buffer>();

const server = createServer(async (request, response) => {
  const body = await readBody(request);
  if (request.url === '/__bench/learn') {
    answers.set(decodeURIComponent(String(request.headers['x-bench-key'])), body);
    return response.writeHead(204).end();
  }
  const { operationName, variables } = JSON.parse(body.toString('utf8')) as {
    operationName: string;
    variables: object;
  };
  const bytes = answers.get(`${operationName} ${JSON.stringify(variables)}`);
  if (bytes === undefined) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length });
  return response.end(bytes);
});

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

server.keepAliveTimeout = 120_000;
sayReady(server, '127.0.0.1');
