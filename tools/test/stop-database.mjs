import { rm } from 'node:fs/promises';

export default async function stopServers() {
  const { database, redis, dataDir } = globalThis.certfolioTestServers;
  await Promise.all([database.stop(), redis?.kill()]);
  await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
}
