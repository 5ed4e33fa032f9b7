import { NumberInput } from '@mantine/core';
import { useState } from 'react';
import { ChangeForm } from './change-form.tsx';
import type { RouteAnswer } from './migration-answer.ts';
import { nextStepOf, noticedOfRamp, planText } from './route-words.ts';

const rampText = `mutation RampRoute($route: String!, $percent: Float!, $reason: String!) {
  rampRoute(route: $route, percent: $percent, reason: $reason) { route }
}`;

export interface RampFormProps {
  readonly route: RouteAnswer;
  readonly close: () => void;
}

const firstPercent = 5;

export function RampForm({ route, close }: RampFormProps) {
  const next = nextStepOf(route);
  const [percent, setPercent] = useState<number | string>(next ?? (route.percent > 0 ? 100 : firstPercent));
  return (
    <ChangeForm
      text={rampText}
      variables={{ route: route.route, percent: Number(percent) }}
      noticed={noticedOfRamp}
      submitLabel={`Ramp to ${percent} %`}
      close={close}
    >
      <NumberInput
        label="Percent of the keys"
        description={descriptionOf(route, next)}
        value={percent}
        onChange={setPercent}
        min={0.1}
        max={100}
        suffix=" %"
        hideControls
        required
        data-autofocus
      />
    </ChangeForm>
  );
}

function descriptionOf({ ramp, state, percent }: RouteAnswer, next: number | null): string {
  const now = state === 'RAMPING' ? `Now ${percent} %. ` : '';
  if (ramp === null) return `${now}There is no plan of steps; certfolio migrate ramp --plan makes one.`;
  const waits = ramp.waitingFor.length === 0 ? '' : ` It waits for: ${ramp.waitingFor.join('; ')}.`;
  return `${now}Plan: ${planText(ramp)}. ${next === null ? 'There is no further step.' : `The next step is ${next} %.`}${waits}`;
}
