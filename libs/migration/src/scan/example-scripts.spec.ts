import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { languageOf } from './source-language.ts';
import { scanSource } from './scan-source.ts';

const dir = join(import.meta.dirname, '../../../../examples/scripts');
const all =
  'statuses=pending,needs_approval,needs_csr,processing,reissue_pending,waiting_pickup,issued,expired,revoked,rejected,canceled,other';

/** Every call of the folder, as a person finds it: script, line of the path, route, what replaces it. */
const expected = `
Find-Certificate.ps1:15           GET /order/certificate/{id}                                 where-is-name?serial=<SerialNumber>
Find-Certificate.ps1:17           GET /order/certificate/{id}/duplicate                       duplicates-and-reissues
Find-Certificate.ps1:18           GET /order/certificate/{id}/reissue                         duplicates-and-reissues
New-CertificateInventory.ps1:17   GET /container                                              containers(filter)
New-CertificateInventory.ps1:23   GET /order/certificate                                      inventory-full?statuses=issued,expired
New-CertificateInventory.ps1:29   GET /order/certificate/{id} loop                            inventory-full?statuses=issued,expired
audit_access.py:23                GET /user                                                   users-and-keys-audit?flags=
audit_access.py:27                GET /request                                                requests-awaiting-approval?olderThanHours=0
audit_access.py:30                GET /account/metadata                                       customFieldDefinitions
certificates.yml:13               GET /order/certificate                                      inventory-full?statuses=issued,expired&containerIds=<division>
certificates.yml:19               GET /order/certificate/{id} loop                            inventory-full?statuses=issued,expired&containerIds=<division>
certificates.yml:26               GET /order/certificate                                      revoked?since=2000-01-01
certificates.yml:33               POST /order/certificate/{id}/note                           -
check-domains.go:48               GET /domain                                                 dcv-expiry?days=3650
check-domains.go:61               GET /domain/{id} loop                                       dcv-expiry?days=3650
check-expiry.sh:14                GET /order/certificate                                      expiring-soon?excludeRenewed=false&days=30
cost_report.py:26                 GET /report/order                                           inventory-full?${all}
cost_report.py:38                 GET /finance/balance                                        balance-and-burn?months=1
divisions.tf:19                   GET /container                                              containers(filter)
divisions.tf:24                   GET /product                                                products(filter)
divisions.tf:29                   GET /order/certificate                                      stuck-orders?olderThanHours=0&containerIds=14&statuses=pending
exporter.py:40                    GET /order/certificate                                      inventory-full?statuses=issued,expired
exporter.py:61                    GET /order/certificate/{id} loop                            inventory-full?statuses=issued,expired
list-orders.mjs:10                GET /order/certificate                                      inventory-full?${all}
organizations.js:22               GET /organization                                           organizations(filter)
organizations.js:26               GET /organization/{id}/validation loop                      org-validation-expiry?days=3650
organizations.js:27               GET /organization/{id} loop                                 organizations(filter)
request-certificate.sh:15         POST /order/certificate/{product}                           -
request-certificate.sh:18         PUT /request/{id}/status                                    -
request-certificate.sh:19         GET /order/certificate/{id}                                 order(id)?id=<order>
request-certificate.sh:22         GET /certificate/download/order/{id}/format/{format}        -
request-certificate.sh:25         PUT /order/certificate/{id}/revoke                          -
sync-status.ts:16                 GET /order/certificate/status-changes                       what-changed?fields=status&since=today-1d
sync-status.ts:20                 GET /order/certificate/{id} loop                            inventory-full?${all}
sync-status.ts:27                 GET /order/certificate                                      where-is-name?name=<host>
weekly-report.sh:13               GET /report/order/expiring                                  expirations-by-week?weeks=13&excludeRenewed=false
weekly-report.sh:16               POST /reports/query                                         -
`;

const rows = expected
  .trim()
  .split('\n')
  .map((line) => line.split(/\s{2,}/).join('  '));

/** What the scan finds, in the same words. */
function found(): readonly string[] {
  return readdirSync(dir)
    .sort((one, other) => (one < other ? -1 : 1))
    .flatMap((file) => {
      const text = readFileSync(join(dir, file), 'utf8');
      const language = languageOf(file, text);
      if (language === null) return [];
      const { findings, untold } = scanSource(text, language);
      expect(untold).toEqual([]);
      return findings.map(({ line, route, isLoop, isMethodSeen, suggestion }) => {
        expect({ file, line, isMethodSeen }).toEqual({ file, line, isMethodSeen: true });
        const variables = [...(suggestion?.variables ?? [])].map(([name, value]) => `${name}=${value}`).join('&');
        const instead =
          suggestion === null
            ? '-'
            : `${suggestion.template ?? suggestion.field}${variables === '' ? '' : `?${variables}`}`;
        return [`${file}:${line}`, `${route}${isLoop ? ' loop' : ''}`, instead].join('  ');
      });
    });
}

describe('the scan of examples/scripts', () => {
  it('finds every call and what replaces it', () => {
    expect(found()).toEqual(rows);
  });

  it('leaves out no line with the path of a route', () => {
    const path = /\/(order|report|organization|domain|container|product|request|reports|finance|certificate)[/?"'`]/;
    const lines = readdirSync(dir)
      .filter((file) => file !== 'README.md')
      .flatMap((file) =>
        readFileSync(join(dir, file), 'utf8')
          .split('\n')
          .flatMap((line, at) => (path.test(line) ? [`${file}:${at + 1}`] : [])),
      );
    const places = new Set(rows.map((row) => row.split('  ')[0]!));
    expect(lines.length).toBeGreaterThan(30);
    expect(lines.filter((place) => !places.has(place))).toEqual([]);
  });
});
