import { AppError } from '@certfolio/core';
import { Kind, type DocumentNode, type OperationDefinitionNode } from 'graphql';
import { shorten } from './requested-id.ts';

/**
 * The operation of a document that a request means: the one named, or the only one.
 *
 * @throws AppError OPERATION_RESOLUTION_FAILURE
 */
export function resolveOperation(document: DocumentNode, operationName: string | null): OperationDefinitionNode {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  if (operationName !== null) {
    const named = operations.find((operation) => operation.name?.value === operationName);
    if (named !== undefined) return named;
    throw new AppError(
      'OPERATION_RESOLUTION_FAILURE',
      `The document has no operation named "${shorten(operationName)}".`,
    );
  }
  const [only] = operations;
  if (only !== undefined && operations.length === 1) return only;
  const what =
    only === undefined
      ? 'The document has no operation.'
      : `The document has ${operations.length} operations; send "operationName".`;
  throw new AppError('OPERATION_RESOLUTION_FAILURE', what);
}
