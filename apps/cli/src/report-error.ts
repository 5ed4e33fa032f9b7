import { errorCatalog, isErrorCode } from '@certfolio/core';
import { exitCodeOf, exitCodes, GatewayError } from '@certfolio/client';
import { CliError } from './cli-error.ts';
import { printable } from './output/printable.ts';
import type { Terminal } from './terminal.ts';

export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  /** Further lines for people. */
  readonly advice: readonly string[];
  readonly exitCode: number;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What is told of an error: a sentence, what to do about it, and the exit code. */
export function describeError(error: unknown): ErrorReport {
  if (error instanceof GatewayError) return describeGatewayError(error);
  if (error instanceof CliError)
    return { code: error.code, message: error.message, advice: [], exitCode: error.exitCode, facts: {} };
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'FAILED',
    message,
    advice: ['CERTFOLIO_DEBUG=1 shows where this happened.'],
    exitCode: exitCodes.failed,
    facts: {},
  };
}

/** Prints it to standard error, as JSON where the command answers in JSON, and tells the exit code. */
export function reportError(
  error: unknown,
  terminal: Terminal,
  options: { readonly json: boolean; readonly debug: boolean },
): number {
  const { code, message, advice, exitCode, facts } = describeError(error);
  if (options.json) terminal.note(JSON.stringify({ error: { code, message, ...facts } }));
  else for (const line of [message, ...advice]) terminal.note(printable(line));
  if (options.debug && error instanceof Error) terminal.note(error.stack ?? '');
  return exitCode;
}

function describeGatewayError(error: GatewayError): ErrorReport {
  const { code, status, requestId, retryAfterMs, details } = error;
  const exitCode = exitCodeOf(code);
  const facts = { ...Object.fromEntries(details), status, requestId, retryAfterMs };
  if (code === 'GATEWAY_UNREACHABLE') {
    const message = `${error.message.replace(/\.$/, '')}; start one with "certfolio up" or set CERTFOLIO_URL.`;
    return { code, message, advice: [], exitCode, facts };
  }
  const nearest = details.get('nearest');
  const advice = [
    Array.isArray(nearest) && nearest.length > 0 ? `Did you mean ${nearest.join(' or ')}?` : null,
    isErrorCode(code) ? errorCatalog[code].whatToDo.replaceAll('`', '') : null,
    retryAfterMs === null ? null : `It can succeed in ${Math.ceil(retryAfterMs / 1_000)} s.`,
    requestId === null ? null : `Code ${code}, request id ${requestId}.`,
  ].filter((line) => line !== null);
  return { code, message: error.message, advice, exitCode, facts };
}
