import { LRUCache } from 'lru-cache';
import { AppError, type Principal } from '@certfolio/core';

/** Documents that keys of level `open` registered by sending text and id together (automatic persisted queries). Never templates. */
export interface AutomaticDocuments {
  find(id: string, principal: Principal): string | null;
  register(id: string, text: string, principal: Principal): void;
  /** The answer that makes a client of this protocol send the text along. */
  notFound(): AppError;
}

/** @param maxChars of all texts together; the ones unused for longest are let go */
export function createAutomaticDocuments(maxChars = 16_000_000): AutomaticDocuments {
  const texts = new LRUCache<string, string>({ maxSize: maxChars, sizeCalculation: (text) => text.length + 1 });
  // What one key registers, only this key runs by id.
  const keyOf = (id: string, { keyId }: Principal) => `${keyId} ${id}`;
  return {
    find: (id, principal) => texts.get(keyOf(id, principal)) ?? null,
    register: (id, text, principal) => void texts.set(keyOf(id, principal), text),
    notFound: () => new AppError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound'),
  };
}
