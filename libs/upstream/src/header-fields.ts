/** Fields of one connection and not of the message. Sources: RFC 9110, section 7.6.1; RFC 9112, sections 6.1 and 9.6. */
const connectionFields: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

type Fields = readonly (readonly [name: string, value: string])[];

/** The fields that go on to the next connection: none of those above, and none that `Connection` names. */
export function withoutConnectionFields(headers: Fields): Fields {
  const named = headers
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(',').map((each) => each.trim().toLowerCase()));
  return headers.filter(([name]) => !connectionFields.has(name.toLowerCase()) && !named.includes(name.toLowerCase()));
}
