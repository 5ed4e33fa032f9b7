import { joined, type TextValue } from './text-value.ts';

/** Addresses of CertCentral's service. Source: the vendor's pages of its REST API, quoted in decision 0004. */
const hosts = /^https?:\/\/(?:www\.)?(?:digicert\.com|certcentral\.digicert\.eu)(?::\d+)?(?=\/|$)/i;
const service = '/services/v2';
/** A name that says whose address it holds. */
const named = /cert_?central|digicert/i;

/** Why a text is taken for the address of a call to CertCentral. */
export type Evidence = 'host' | 'name' | 'path' | 'none';

/**
 * The part of an address after `/services/v2`, or after the variable that holds that address; null when it is no address
 * with a path.
 */
export function pathText(value: TextValue): TextValue | null {
  return located(value)?.path ?? null;
}

/**
 * Splits an address into what shows whose it is and its path. `host`: an address of CertCentral stands in it. `name`: it
 * begins with a variable named after CertCentral or DigiCert. `path`: `/services/v2` stands in it, after any host. `none`:
 * a path alone, or one after a variable of any name.
 */
export function located(value: TextValue): { readonly path: TextValue; readonly evidence: Evidence } | null {
  const [first, ...rest] = value;
  if (typeof first === 'string') {
    const isHost = hosts.test(first);
    const at = first.lastIndexOf(service);
    if (at !== -1)
      return { path: joined([first.slice(at + service.length)], rest), evidence: isHost ? 'host' : 'path' };
    if (isHost) return afterService(rest, 'host');
    return /^[a-z]+:\/\//i.test(first) ? afterService(rest, null) : { path: value, evidence: 'none' };
  }
  if (first === undefined) return null;
  const evidence = named.test(first.source) ? 'name' : 'none';
  const inRest = afterService(rest, evidence === 'name' ? 'name' : 'path');
  if (inRest !== null) return inRest;
  const [next] = rest;
  return typeof next === 'string' || evidence === 'name' ? { path: rest, evidence } : null;
}

function afterService(parts: TextValue, evidence: Evidence | null): ReturnType<typeof located> {
  const at = parts.findIndex((part) => typeof part === 'string' && part.includes(service));
  const part = parts[at];
  if (typeof part !== 'string') return null;
  return {
    path: joined([part.slice(part.lastIndexOf(service) + service.length)], parts.slice(at + 1)),
    evidence: evidence ?? 'path',
  };
}

/** Whether a file speaks to CertCentral at all: its address, the header of its keys, or a variable named after it. */
export const speaksToService = (text: string) =>
  /x-dc-devkey/i.test(text) ||
  /(?:digicert\.com|certcentral\.digicert\.eu)\/services\/v2/i.test(text) ||
  hostsAnywhere.test(text);
const hostsAnywhere = /https?:\/\/(?:www\.)?(?:digicert\.com|certcentral\.digicert\.eu)(?![\w.-])/i;

/** A file in which nothing of this stands is not read further. */
export const mayHoldCalls = (text: string) => /x-dc-devkey|digicert|cert_?central/i.test(text);
