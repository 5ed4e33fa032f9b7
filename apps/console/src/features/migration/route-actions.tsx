import { Group } from '@mantine/core';
import { useSession } from '../../session.tsx';
import { DialogButton } from '../../parts/dialog-button.tsx';
import type { RouteAnswer } from './migration-answer.ts';
import { RampForm } from './ramp-form.tsx';
import { RollBackForm } from './roll-back-form.tsx';
import { RouteDetails } from './route-details.tsx';
import { isAhead, nameOf } from './route-words.ts';
import { SetStateForm } from './set-state-form.tsx';

export function RouteActions({ route, days }: { readonly route: RouteAnswer; readonly days: number }) {
  const { may } = useSession();
  const name = nameOf(route);
  // What CertCentral alone can answer stays with it.
  const isChangeable = may('migration:write') && (route.isServed || isAhead(route));
  return (
    <Group gap={4} miw={150}>
      <DialogButton label="Details" of={`of ${name}`} title={route.route} dialogSize="80rem">
        {() => <RouteDetails route={route} days={days} />}
      </DialogButton>
      {isChangeable && (
        <>
          <DialogButton label="Set state" of={`of ${name}`} title={`Set the state of ${name}`}>
            {(close) => <SetStateForm route={route} days={days} close={close} />}
          </DialogButton>
          <DialogButton label="Ramp" of={name} title={`Ramp ${name}`}>
            {(close) => <RampForm route={route} close={close} />}
          </DialogButton>
          {isAhead(route) && (
            <DialogButton label="Roll back" of={name} title={`Roll back ${name}`}>
              {(close) => <RollBackForm route={route} close={close} />}
            </DialogButton>
          )}
        </>
      )}
    </Group>
  );
}
