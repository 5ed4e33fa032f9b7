import { Stack, Text, Title } from '@mantine/core';
import { templatePath } from '@certfolio/client';
import { CopiedText } from '../../parts/copied-text.tsx';
import { gatewayUrl } from '../../gateway.ts';
import type { ReportRequest } from './read-report.ts';
import type { ListedReport } from './use-reports.ts';

/** The same report outside of the console. The key itself is in none of the texts. */
export function TakeAlong({ report, request }: { readonly report: ListedReport; readonly request: ReportRequest }) {
  const { variables, fresh } = request;
  const url = `${gatewayUrl}${templatePath(report.name, 'csv', variables)}`;
  const header = fresh === null ? '' : ` -H "Certfolio-Fresh: ${fresh}"`;
  const given = [...variables].flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => ` --var ${quoted(`${name}=${one}`)}`),
  );
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        The same elsewhere
      </Title>
      <Text size="sm" c="dimmed">
        With a key in <code>CERTFOLIO_KEY</code>, best one that can run this report and nothing else.
      </Text>
      <CopiedText
        label="the curl command"
        text={`curl -sS -H "Authorization: Bearer $CERTFOLIO_KEY"${header} ${quoted(url)}`}
      />
      <CopiedText
        label="the certfolio command"
        text={`npx certfolio run ${report.name}${given.join('')}${fresh === null ? '' : ` --fresh ${fresh}`} -o csv`}
      />
    </Stack>
  );
}

/** For a shell; plain words stay as they are. */
const quoted = (text: string) => (/^[\w.,:@%+=/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);
