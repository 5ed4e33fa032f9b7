import { afterAll, beforeAll } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@certfolio/database/testing';
import { describeLearnedCosts } from './cost-memory.contract.ts';
import { createLearnedCostStore } from './cost-memory.postgres.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

describeLearnedCosts(async () => {
  await database.pool.query('truncate template_costs');
  return createLearnedCostStore(database.pool);
});
