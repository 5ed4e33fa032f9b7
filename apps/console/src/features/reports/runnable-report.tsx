import { Button, Group, NativeSelect, SimpleGrid, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef, useState, type FormEvent } from 'react';
import { Failure } from '../../parts/failure.tsx';
import { Loading } from '../../parts/loading.tsx';
import { useSession } from '../../session.tsx';
import { ReportCost } from './report-cost.tsx';
import { ReportFiles } from './report-files.tsx';
import { ReportRows } from './report-rows.tsx';
import { readReport, type ReportRequest } from './read-report.ts';
import { TakeAlong } from './take-along.tsx';
import { TemplateFacts } from '../templates/template-facts.tsx';
import type { ListedReport } from './use-reports.ts';
import { VariableField } from './variable-field.tsx';
import { problemsOf, sentValues, type VariableValues } from './variable-values.ts';

const freshness = [
  { value: '', label: 'As the template says' },
  { value: 'live', label: 'Read from CertCentral now' },
  { value: 'mirror', label: 'From the mirror, however old' },
];

/** The form of a report's variables, and what can be done with them. */
export function RunnableReport({ report }: { readonly report: ListedReport }) {
  const { client, caller } = useSession();
  const navigate = useNavigate();
  const inAddress = useSearch({ from: '/reports/$name' });
  const [values, setValues] = useState<VariableValues>(inAddress);
  const [fresh, setFresh] = useState('');
  const [isChecked, setIsChecked] = useState(false);
  const running = useRef<AbortController | null>(null);

  const variables = report.variables.filter(({ name }) => !report.paging.includes(name));
  const problems = problemsOf(variables, report.oneOf, values);
  const request: ReportRequest = {
    name: report.name,
    variables: sentValues(variables, values),
    fresh: fresh === '' ? null : fresh,
  };
  const run = useMutation({
    mutationFn: (wanted: ReportRequest) => {
      running.current?.abort();
      running.current = new AbortController();
      return readReport(client, wanted, running.current.signal);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setIsChecked(true);
    if (problems.size > 0) return;
    // The address is the report that is shown, to be kept or passed on.
    void navigate({ to: '/reports/$name', params: { name: report.name }, search: values, replace: true });
    run.mutate(request);
  };

  return (
    <Stack>
      <form onSubmit={submit} noValidate aria-label="Variables">
        <Stack>
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
            {variables.map((variable) => (
              <VariableField
                key={variable.name}
                variable={variable}
                value={new Map(Object.entries(values)).get(variable.name)}
                problem={isChecked ? (problems.get(variable.name) ?? null) : null}
                onChange={(value) => setValues((before) => ({ ...before, [variable.name]: value }))}
              />
            ))}
            <NativeSelect
              label="Data"
              description="How old it may be"
              value={fresh}
              onChange={(event) => setFresh(event.currentTarget.value)}
              data={freshness}
            />
          </SimpleGrid>
          <Group>
            <Button type="submit" loading={run.isPending}>
              Run
            </Button>
            {run.isPending && (
              <Button variant="default" onClick={() => running.current?.abort()}>
                Stop
              </Button>
            )}
            <ReportFiles report={report} request={request} isReady={problems.size === 0} />
          </Group>
        </Stack>
      </form>
      {run.isPending && <Loading what="the report" />}
      {run.error !== null && !isAbort(run.error) && <Failure error={run.error} />}
      {run.data !== undefined && <ReportRows report={run.data} title={report.title} />}
      <ReportCost request={request} isReady={problems.size === 0} />
      <TakeAlong report={report} request={request} />
      {caller !== null && <TemplateFacts name={report.name} />}
    </Stack>
  );
}

const isAbort = (error: Error) => error.name === 'AbortError';
