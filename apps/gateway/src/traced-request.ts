import { errorCatalog, isErrorCode, type RequestDecision, type RequestRecord, type TracedEnd } from '@certfolio/core';

/**
 * What the span of a request says. Names of OpenTelemetry's semantic conventions where there are any. Variables are left out:
 * they may hold what must not be written down.
 */
export function tracedEnd(record: RequestRecord): TracedEnd {
  const { requestId, principal, door, status, decision, operation, restCall, userAgent } = record;
  const { rows, truncated, upstreamCalls, cost, from, durationMs, calls = [] } = record;
  const template = operation?.template ?? null;
  const operationType = operation?.isMutation === true ? 'mutation' : 'query';
  return {
    name: `${door} ${template?.name ?? restCall?.route ?? (operation === null ? '(refused)' : '(text)')}`,
    durationMs,
    attributes: {
      'http.response.status_code': status,
      'client.address': from,
      ...(userAgent === null ? {} : { 'user_agent.original': userAgent }),
      ...(operation === null ? {} : { 'graphql.operation.type': operationType }),
      ...(operation?.name == null ? {} : { 'graphql.operation.name': operation.name }),
      ...(restCall === undefined ? {} : { 'http.route': restCall.route }),
      'certfolio.request_id': requestId,
      'certfolio.door': door,
      'certfolio.key.id': principal.keyId,
      'certfolio.key.owner': principal.owner,
      'certfolio.decision': decision,
      ...(template === null ? {} : { 'certfolio.template': `${template.name}@${template.version}` }),
      ...(rows === null ? {} : { 'certfolio.rows': rows, 'certfolio.truncated': truncated }),
      'certfolio.upstream_calls': upstreamCalls,
      ...(cost === null ? {} : { 'certfolio.cost': cost.actual }),
    },
    failure: isOurs(decision) ? decision : null,
    calls,
  };
}

/** Ours, or CertCentral's: what the caller did wrong is an answer. */
const isOurs = (decision: RequestDecision): boolean =>
  isErrorCode(decision) && errorCatalog[decision].fault !== 'caller';
