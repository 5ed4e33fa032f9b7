/** @param newline the service's certificate downloads use CRLF, its JSON answers LF */
export function toPem(label: string, der: Uint8Array, newline = '\n'): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join(newline);
}
