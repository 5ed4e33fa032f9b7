import { describe, expect, it } from '@jest/globals';
import type { SourceLanguage } from './source-language.ts';
import { scanSource } from './scan-source.ts';

const host = 'https://www.digicert.com/services/v2';

/** `METHOD /path` of every call, ` loop` behind those of a loop over rows, and what is left untold. */
function scan(language: SourceLanguage, ...lines: readonly string[]): readonly string[] {
  const { findings, untold } = scanSource(lines.join('\n'), language);
  return [
    ...findings.map(({ line, method, path, isLoop }) => `${line} ${method} ${path}${isLoop ? ' loop' : ''}`),
    ...untold.map(({ line }) => `${line} untold`),
  ];
}
const parametersOf = (language: SourceLanguage, ...lines: readonly string[]) =>
  Object.fromEntries(scanSource(lines.join('\n'), language).findings[0]?.parameters ?? []);

describe('an address that is put together', () => {
  it('is read in Python', () => {
    const base = `BASE = "${host}"`;
    for (const [call, path] of [
      ['requests.get(BASE + "/order/certificate")', '/order/certificate'],
      ['requests.get(f"{BASE}/order/certificate/{order[\'id\']}")', '/order/certificate/{order.id}'],
      ['requests.get("{}/order/certificate/{}".format(BASE, number))', '/order/certificate/{number}'],
      ['requests.get("%s/domain/%d" % (BASE, number))', '/domain/{number}'],
      ['requests.get("/".join([BASE, "organization", str(number)]))', '/organization/{number}'],
      ['requests.get(BASE + "/order"\n  "/certificate")', '/order/certificate'],
    ] as const)
      expect(scan('python', base, call)).toEqual([`2 GET ${path}`]);
    expect(
      scan('python', 'from urllib.parse import urljoin', `requests.get(urljoin("${host}/", "container"))`),
    ).toEqual(['2 GET /container']);
  });

  it('is read in JavaScript and TypeScript', () => {
    const base = `const base = process.env.BASE ?? '${host}';`;
    for (const [call, path] of [
      ['await fetch(`${base}/order/certificate/${encodeURIComponent(id)}`);', '/order/certificate/{id}'],
      ["await fetch(base + '/container');", '/container'],
      ["await fetch(new URL('/services/v2/product', base));", '/product'],
      ["await fetch([base, 'user', id].join('/'));", '/user/{id}'],
    ] as const)
      expect(scan('javascript', base, call)).toEqual([`2 GET ${path}`]);
    expect(
      scan(
        'javascript',
        `const api = axios.create({ baseURL: '${host}' });`,
        'api.put(`/order/certificate/${id}/revoke`);',
      ),
    ).toEqual(['2 PUT /order/certificate/{id}/revoke']);
  });

  it('is read in Go', () => {
    const base = `const base = "${host}"`;
    expect(scan('go', base, 'r, err := http.Get(fmt.Sprintf("%s/order/certificate/%d", base, id))')).toEqual([
      '2 GET /order/certificate/{id}',
    ]);
    expect(scan('go', base, 'req, _ := http.NewRequest(http.MethodPut, base+"/request/"+id+"/status", body)')).toEqual([
      '2 PUT /request/{id}/status',
    ]);
  });

  it('is read in PowerShell', () => {
    const base = `$base = '${host}'`;
    for (const [call, path] of [
      [
        'Invoke-RestMethod -Uri "$base/order/certificate?filters[status]=issued&limit=1000"',
        '/order/certificate?filters[status]=issued&limit=1000',
      ],
      ['irm ($base + "/domain/" + $id)', '/domain/{id}'],
      ['Invoke-RestMethod $base/container -Headers $h', '/container'],
      ["Invoke-RestMethod -Uri ('{0}/user/{1}' -f $base, $id)", '/user/{id}'],
      ['$p = @{ Uri = "$base/product"; Headers = $h }\nInvoke-RestMethod @p', '/product'],
    ] as const)
      expect(scan('powershell', base, call)).toEqual([`2 GET ${path}`]);
    expect(
      scan('powershell', base, 'Invoke-RestMethod `', '  -Method Put `', '  -Uri "$base/order/certificate/$id/revoke"'),
    ).toEqual(['4 PUT /order/certificate/{id}/revoke']);
  });

  it('is read in shell scripts', () => {
    const base = `BASE="\${BASE:-${host}}"`;
    expect(
      scan(
        'shell',
        base,
        'curl -s "$BASE/order/certificate/$1" | jq .',
        'x=$(curl -sX POST $BASE/order/certificate/ssl_basic -d @b)',
      ),
    ).toEqual(['2 GET /order/certificate/{1}', '3 POST /order/certificate/ssl_basic']);
    expect(scan('shell', base, 'api() {', '  curl -s "$BASE$1"', '}', 'api /container')).toEqual(['5 GET /container']);
  });

  it('is read in playbooks, and in shell in the steps of pipelines', () => {
    expect(
      scan(
        'yaml',
        '- vars:',
        `    base: ${host}`,
        '  tasks:',
        '    - uri:',
        "        url: '{{ base }}/order/certificate/{{ item }}'",
        "      loop: '{{ ids }}'",
      ),
    ).toEqual(['5 GET /order/certificate/{item} loop']);
    expect(
      scan(
        'yaml',
        'jobs:',
        '  a:',
        '    steps:',
        '      - run: |',
        '          set -e',
        `          curl -s ${host}/container`,
      ),
    ).toEqual(['6 GET /container']);
  });

  it('is read in Terraform', () => {
    const lines = [
      'variable "base" {',
      `  default = "${host}"`,
      '}',
      'data "http" "all" {',
      '  url = "${var.base}/container"',
      '}',
    ];
    expect(scan('hcl', ...lines)).toEqual(['5 GET /container']);
  });
});

describe('what is no call of CertCentral', () => {
  it('stands in a comment', () => {
    expect(scan('python', `# requests.get("${host}/container")`)).toEqual([]);
    expect(scan('javascript', `// fetch('${host}/container')`, `/* fetch('${host}/container') */`)).toEqual([]);
    expect(scan('powershell', '<#', `Invoke-RestMethod ${host}/container`, '#>')).toEqual([]);
    expect(scan('shell', `# curl ${host}/container`)).toEqual([]);
    expect(scan('yaml', `# url: ${host}/container`, 'a: 1')).toEqual([]);
  });

  it('is a path of another service', () => {
    expect(scan('javascript', "app.get('/user', list);", "fetch('/order/certificate');")).toEqual([]);
    expect(scan('javascript', "fetch('https://digicert.com.example.net/services/v2/container');")).toEqual([]);
    expect(scan('python', `requests.get("https://api.example/user")`, `H = {"X-DC-DEVKEY": key}`)).toEqual([]);
  });

  it('is said to people or compared', () => {
    expect(
      scan('javascript', `console.log('see ${host}/container');`, `if (url === '${host}/container') stop();`),
    ).toEqual([]);
    expect(scan('python', `print("${host}/container")`, `raise ValueError("${host}/user")`)).toEqual([]);
    expect(scan('shell', `echo "ask ${host}/container"`)).toEqual([]);
  });

  it('is a word of an answer', () => {
    expect(
      scan(
        'python',
        `BASE = "${host}"`,
        'def get(path):',
        '    return requests.get(BASE + path).json()',
        'info = get("/container")',
        'info.get("user", {})',
      ),
    ).toEqual(['4 GET /container']);
  });
});

describe('evidence', () => {
  it('is an address, a variable named after CertCentral, or a file with its header', () => {
    const of = (...lines: readonly string[]) =>
      scanSource(lines.join('\n'), 'javascript').findings.map(({ evidence }) => evidence);
    expect(of(`fetch('${host}/container')`)).toEqual(['address']);
    expect(of('fetch(`${process.env.CERTCENTRAL_URL}/container`)')).toEqual(['variable']);
    expect(of("fetch(base + '/container', { headers: { 'X-DC-DEVKEY': key } })")).toEqual(['file']);
    expect(of("fetch(base + '/container', { headers: { 'X-Other': digicert } })")).toEqual([]);
  });

  it('of a call is told although its route is not', () => {
    expect(scan('javascript', `fetch(\`${host}/\${kind}/\${id}\`)`)).toEqual(['1 untold']);
    expect(scan('javascript', `fetch('${host}' + path)`)).toEqual(['1 untold']);
  });
});

describe('a loop over single rows', () => {
  const base = `BASE = "${host}"`;
  it('is one that asks for what it runs over', () => {
    expect(scan('python', base, 'for o in orders:', '    requests.get(f"{BASE}/order/certificate/{o}")')).toEqual([
      '3 GET /order/certificate/{o} loop',
    ]);
    expect(scan('python', base, 'all = [requests.get(f"{BASE}/order/certificate/{o}") for o in orders]')).toEqual([
      '2 GET /order/certificate/{o} loop',
    ]);
    expect(scan('javascript', `ids.map((id) => fetch(\`${host}/order/certificate/\${id}\`));`)).toEqual([
      '1 GET /order/certificate/{id} loop',
    ]);
    expect(scan('shell', `for id in $ids; do curl "${host}/order/certificate/$id"; done`)).toEqual([
      '1 GET /order/certificate/{id} loop',
    ]);
    expect(scan('powershell', `$ids | ForEach-Object { irm "${host}/order/certificate/$_" }`)).toHaveLength(1);
  });

  it('may call through a function', () => {
    const lines = [
      base,
      'def info(number):',
      '    return requests.get(f"{BASE}/order/certificate/{number}")',
      'for o in orders:',
      '    info(o["id"])',
    ];
    expect(scan('python', ...lines)).toEqual(['3 GET /order/certificate/{number} loop']);
  });

  it('is not one that tries again or waits for one order', () => {
    expect(
      scan('python', base, 'for attempt in range(3):', '    requests.get(f"{BASE}/order/certificate/{number}")'),
    ).toEqual(['3 GET /order/certificate/{number}']);
    expect(scan('shell', `until curl "${host}/order/certificate/$ORDER"; do sleep 9; done`)).toEqual([
      '1 GET /order/certificate/{ORDER}',
    ]);
  });
});

describe('parameters', () => {
  it('are read where they are given apart from the address', () => {
    expect(
      parametersOf(
        'python',
        `requests.get("${host}/order/certificate", params={"filters[status]": "revoked", "limit": 50})`,
      ),
    ).toEqual({
      'filters[status]': 'revoked',
      limit: '50',
    });
    expect(
      parametersOf('shell', `curl -G "${host}/order/certificate" --data-urlencode "filters[status]=revoked"`),
    ).toEqual({ 'filters[status]': 'revoked' });
    const url = [
      `const url = new URL('${host}/order/certificate');`,
      "url.searchParams.set('filters[status]', 'revoked');",
      'await fetch(url);',
    ];
    expect(parametersOf('javascript', ...url)).toEqual({ 'filters[status]': 'revoked' });
  });

  it('tell days that a date is made of', () => {
    const lines = [
      'until = date.today() + timedelta(days=45)',
      `requests.get(f"${host}/order/certificate?filters[valid_till]=<{until}")`,
    ];
    const { findings } = scanSource(lines.join('\n'), 'python');
    expect(findings[0]?.suggestion?.template).toBe('expiring-soon');
  });
});

it('reads files of other systems: a mark at the beginning, lines that end with CR LF', () => {
  expect(scan('powershell', '\uFEFF$x = 1\r', `Invoke-RestMethod '${host}/container'\r`)).toEqual(['2 GET /container']);
});

it('is not stopped by a file that is broken', () => {
  for (const language of ['python', 'javascript', 'go', 'powershell', 'hcl', 'shell', 'yaml'] as const)
    for (const text of [
      '"digicert',
      "'digicert ${",
      '`digicert ${',
      '((({{[ digicert',
      ']})) digicert',
      '$( digicert',
      '<<EOF digicert',
      '/* digicert',
      ': - digicert\n\t-',
    ])
      expect(scan(language, text)).toEqual([]);
});
