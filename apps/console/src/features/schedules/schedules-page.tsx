import { useQuery } from '@tanstack/react-query';
import { DataTable } from '../../parts/data-table.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Page } from '../../parts/page.tsx';
import { useSession } from '../../session.tsx';
import { DialogButton } from '../../parts/dialog-button.tsx';
import { ApplyForm } from './apply-form.tsx';
import { schedulesText, type SchedulesAnswer } from './schedule-answer.ts';
import { scheduleColumns } from './schedule-columns.tsx';

/** Which reports run by themselves, when, and how that went. */
export function SchedulesPage() {
  const { client, may } = useSession();
  const { data, error } = useQuery({
    queryKey: ['schedules'],
    queryFn: ({ signal }) => client.query<SchedulesAnswer>(schedulesText, {}, { signal }),
  });
  const actions = data !== undefined && may('schedules:write') && (
    <DialogButton label="Apply YAML" title="Apply schedules" dialogSize="xl" variant="filled" size="sm">
      {(close) => <ApplyForm destinations={data.destinations} close={close} />}
    </DialogButton>
  );
  return (
    <Page
      title="Schedules"
      about="Reports that run at their times and are sent to their destinations."
      actions={actions}
    >
      {error !== null && <Failure error={error} />}
      {data === undefined ? (
        error === null && <Loading what="schedules" />
      ) : (
        <DataTable
          caption="Schedules"
          columns={scheduleColumns(data.destinations)}
          rows={data.schedules}
          keyOf={({ name }) => name}
          empty="There is no schedule yet. Apply YAML makes one; it comes with an example."
        />
      )}
    </Page>
  );
}
