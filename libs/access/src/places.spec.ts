import { describePlaces } from './places.contract.ts';
import { createMemoryPlaces } from './places.ts';

describePlaces(async () => createMemoryPlaces());
