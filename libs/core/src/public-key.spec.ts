import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { publicKeyOf } from './public-key.ts';
import { rsaRequest } from './testing.ts';

/** Made with `openssl req -new`; the keys were thrown away. */
const requests: readonly (readonly [algorithm: string, size: number | null, csr: string])[] = [
  ['RSA', 2048, rsaRequest],
  [
    'RSA',
    3072,
    `-----BEGIN CERTIFICATE REQUEST-----
MIIDXjCCAcYCAQAwGTEXMBUGA1UEAwwOc2hvcC5hY21lLnRlc3QwggGiMA0GCSqG
SIb3DQEBAQUAA4IBjwAwggGKAoIBgQCucbcHwt77Z9nwts1XHBfLNBbCANLxnBsO
XXJday+CZPRqU7jWcqVm+Cl+bScr3ACiO+5AlDms8CW5N9G9ffN37zomrM8Izn4t
Ie+qg/v9qhYahlqfjtf6xHchhRBLyH6YJ/TIr5XRkFmzeh/By+efm6DryFtVLu7M
PwEvoVTzJg7mnBWwFA0A7qrelMiigmUT2XzhbogI25XEma+sVAEIqn2myk72wN3+
2S42u6Q1vEyZV/i/Tv3hAMcmv/4GokENsMjW5DyO8CHPOhJ6JuFJD5f5ivHINim8
ymmUIJ425/jHm2Dj17S+fuhlNEQ2G8WbOShn2G5q61P8XeBJCr54MzINnO1ULGtd
CffklZE/lO3pRfn93ejOOH7Ej5jFl73R9YoSYZWqN5vxS1F5WzrR8wZ9irOmqFws
EV1IENFZq4r5ttD04zR7/tz7CFdNgfPu93GfTm6aYoVW78hfV/naFHCQt09Mdo3W
GKFayLbs0Uslsx8YiWYrXvsXRuih+okCAwEAAaAAMA0GCSqGSIb3DQEBCwUAA4IB
gQBZ8YBew6oa1SmCqqFGLMJW+YnwlKohpyv0jLzF4bYOSQaqKHswKU9CrUS69laj
lRu0ZCNRKx+LLmqqkAH847eRM4csZVNr7QLxp34d6bFTnAVGOQhuogolih93ItCl
/8NFcBBVEfxb1gZDqwIe3OQKenI+nbusXkeSPIyTWK/IJwjlCHdt/gGvxUET/EK5
3YhRxDj4tZfc3Kxt6K/0g02zH9YigvS9XntwLeVZdQRO+kRT1jcmkGE95EDLoBGo
k93LU1Msn+DNbOnVRJ4IF+gXkoC62eBb/jQ8X2JP/hAEfJ7oynQVJb6AFP7JiLpA
UicchdpLVR55GijFL9pj952J7QOWgHyIZRQ+8VMRbPM3H4Hgz8OTP7a5ZViMZaKx
YdrcNoEq3kDzrVLJT6vLxvAbOg1K5Q9wKCZIZkXcfpO9OJO0JL/NPoiaMDHr18hx
WbnCwhYIX1WyImsPSA2GGbMktlJnuf3C4dV6WSTpeOhrzRc4nII7/WeoyL4xH4uX
8xE=
-----END CERTIFICATE REQUEST-----
`,
  ],
  [
    'ECDSA',
    256,
    `-----BEGIN CERTIFICATE REQUEST-----
MIHTMHsCAQAwGTEXMBUGA1UEAwwOc2hvcC5hY21lLnRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAATB7Iz1qo9WKkKqCPOAtHX1jYcQ8BDm/2X1sbZp2boSBP11
nvV0x0AcVYmWzc+EhzsOXGsJu1oIyxZBQbR9gi/joAAwCgYIKoZIzj0EAwIDSAAw
RQIhAOySEOTt781HpY/eSxhB0jVzxnx0OHZfwyjue7HEOifiAiBVShxqybbdq/nb
pI82mMv7VmYyy85rUQu5J37A7Rtt9g==
-----END CERTIFICATE REQUEST-----
`,
  ],
  [
    'ECDSA',
    384,
    `-----BEGIN CERTIFICATE REQUEST-----
MIIBETCBmAIBADAZMRcwFQYDVQQDDA5zaG9wLmFjbWUudGVzdDB2MBAGByqGSM49
AgEGBSuBBAAiA2IABFh36tpZLfQwXnc8cDquiZFG6qhHepxgClIYs7LfGQLB9Y4Z
G3kZXr7Xbs8zXZkc/9VC3gkXPl9YR5NhQ9iFhO7BLEHLkUe04QtDbEvkQLoy8+62
E8SRsMQsu6qkHAvwBaAAMAoGCCqGSM49BAMCA2gAMGUCMCj1O2of18JzYAWYJbO9
Dj+BlCwjhfApvHCXZdFS5cGBp8izLA24XDZlFDNb1DwhZwIxAPknCWE1mNZOHhSD
5MWsYgYbTgXY6cL5OnemJVTIdkI+4/FcaHaacgwAq29DNwDRvQ==
-----END CERTIFICATE REQUEST-----
`,
  ],
  [
    'Ed25519',
    null,
    `-----BEGIN CERTIFICATE REQUEST-----
MIGYMEwCAQAwGTEXMBUGA1UEAwwOc2hvcC5hY21lLnRlc3QwKjAFBgMrZXADIQBK
1brA0wH8gLwlyCJjElCSt5NP7DqMvH/laBsGIrd0O6AAMAUGAytlcANBAMfvJVJE
6EVLQOXqWovnPxeKZOOTZDkmmG9xk8LAEOUszjrg1COdFOvXw6hKPM9Z3iwFHOnk
At/NpeGFqHdD+w8=
-----END CERTIFICATE REQUEST-----
`,
  ],
];

describe('the key of a certificate request', () => {
  it.each(requests)('%s of %s bits is read out of it', (algorithm, size, csr) => {
    expect(publicKeyOf(csr)).toEqual({ algorithm, size });
  });

  it('is read whatever the line ends, and under the older label', () => {
    const [, , csr] = requests[0]!;
    expect(publicKeyOf(csr.replaceAll('\n', '\r\n'))).toEqual({ algorithm: 'RSA', size: 2048 });
    expect(publicKeyOf(csr.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST'))?.size).toBe(2048);
  });

  it.each(['', 'no request', '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n'])(
    'is unknown for "%s"',
    (text) => {
      expect(publicKeyOf(text)).toBeNull();
    },
  );

  it('is a key or unknown, never a failure, for a request with any byte changed or cut off anywhere', () => {
    const bytes = Buffer.from(requests[2]![2].replace(/-----[^-]+-----/g, ''), 'base64');
    const change = fc.record({ at: fc.nat(bytes.length - 1), byte: fc.nat(255), length: fc.nat(bytes.length) });
    fc.assert(
      fc.property(change, ({ at, byte, length }) => {
        const bent = Buffer.from(bytes);
        bent[at] = byte;
        const text = bent.subarray(0, length).toString('base64');
        const key = publicKeyOf(`-----BEGIN CERTIFICATE REQUEST-----\n${text}\n-----END CERTIFICATE REQUEST-----\n`);
        expect(key === null || typeof key.algorithm === 'string').toBe(true);
      }),
    );
  });
});
