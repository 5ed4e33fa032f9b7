import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { instantOfUtc } from '../../parts/utc-instant.ts';
import { ChangeForm } from './change-form.tsx';
import type { RouteAnswer } from './migration-answer.ts';
import { chosenStates, countText, noticedOf } from './route-words.ts';

const setText = `mutation SetRoute($route: String!, $state: RouteStateName!, $deadline: DateTime, $reason: String!) {
  setRoute(route: $route, state: $state, deadline: $deadline, reason: $reason) { route }
}`;

export interface SetStateFormProps {
  readonly route: RouteAnswer;
  readonly days: number;
  readonly close: () => void;
}

export function SetStateForm({ route, days, close }: SetStateFormProps) {
  const [state, setState] = useState<string>(route.state === 'RAMPING' ? 'SERVED' : route.state);
  const [deadline, setDeadline] = useState(route.deadline?.slice(0, 16) ?? '');
  const needsDeadline = state === 'SUNSET';
  // What is absent stays as it is.
  const variables = {
    route: route.route,
    state,
    ...(needsDeadline ? { deadline: instantOfUtc(deadline) } : {}),
  };
  const stillCalled = state === 'GONE' && route.calls > 0;
  return (
    <ChangeForm
      text={setText}
      variables={variables}
      noticed={
        stillCalled
          ? `${noticedOf(state)} In the last ${days} days there were ${countText(route.calls)} calls.`
          : noticedOf(state)
      }
      submitLabel={`Set to ${state.toLowerCase()}`}
      close={close}
    >
      <NativeSelect
        label="State"
        description="For all keys but those with a state of their own. A share of the keys is set by Ramp."
        value={state}
        onChange={(event) => setState(event.currentTarget.value)}
        data={chosenStates.map((each) => ({ value: each, label: each.toLowerCase() }))}
        data-autofocus
      />
      {needsDeadline && (
        <TextInput
          type="datetime-local"
          label="Deadline (UTC)"
          description="When the route is to be gone, which callers are told."
          value={deadline}
          onChange={(event) => setDeadline(event.currentTarget.value)}
          required
        />
      )}
    </ChangeForm>
  );
}
