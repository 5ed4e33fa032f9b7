import type { Template, TemplateRegistry } from '@certfolio/templates';

/** The template that the greeting shows. */
const shownTemplate = 'expiring-soon';

export function shownTemplateOf(registry: TemplateRegistry): Template | null {
  const found = registry.find(shownTemplate, { templates: 'all' });
  return found.kind === 'found' ? found.template : null;
}

export interface GreetingFacts {
  readonly url: string;
  readonly upstream: string;
  /** The key made at the first start; null later, when it is known or lost. */
  readonly adminKey: string | null;
  readonly template: Template | null;
}

/** What is printed once everything is ready: the address and three commands to paste. */
export function greeting({ url, upstream, adminKey, template }: GreetingFacts): string {
  const auth = '-H "Authorization: Bearer $CERTFOLIO_KEY"';
  const id = template?.id;
  const lines = [
    '',
    `Certfolio is ready at ${url} (CertCentral: ${upstream})`,
    '',
    ...(adminKey === null
      ? ['The commands below read the key from $CERTFOLIO_KEY.']
      : ['The admin key, shown this once:', '', `  export CERTFOLIO_KEY=${adminKey}`]),
    '',
    ...(template === null
      ? []
      : [
          `Run the template "${template.name}" by its hash:`,
          '',
          `  curl -sS ${auth} -H 'Content-Type: application/json' ${url}/graphql -d '{"documentId":"sha256:${id}","variables":{"days":30}}'`,
          '',
          'The same as CSV:',
          '',
          `  curl -sS ${auth} '${url}/r/${id}.csv?days=30'`,
          '',
        ]),
    'A typed query:',
    '',
    `  curl -sS ${auth} -H 'Content-Type: application/json' ${url}/graphql -d '{"query":"{ orders(first: 5, filter: {status: {in: [issued]}}) { totalCount nodes { id certificate { commonName validTill daysLeft } organization { name city } } } }"}'`,
    '',
    `In a browser, with the same key: ${url}/console`,
    '',
    '',
  ];
  return lines.join('\n');
}
