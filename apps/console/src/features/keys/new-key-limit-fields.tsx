import { NumberInput, TextInput } from '@mantine/core';
import classes from './fields.module.css';
import type { DraftProps } from './new-key-form.tsx';

/** How often, and for how long. */
export function LimitFields({ draft, change }: DraftProps) {
  return (
    <div className={classes.beside}>
      <NumberInput
        label="Requests per minute"
        description="Empty means the gateway's default."
        value={draft.requestsPerMinute}
        onChange={(requestsPerMinute) => change({ requestsPerMinute })}
        min={1}
        allowDecimal={false}
      />
      <NumberInput
        label="Burst"
        description="Requests at one instant. Empty means as many as per minute."
        value={draft.burst}
        onChange={(burst) => change({ burst })}
        min={1}
        allowDecimal={false}
      />
      <TextInput
        type="date"
        label="Expires at the end of"
        description="That day in UTC. Empty means never."
        value={draft.expiresOn}
        onChange={(event) => change({ expiresOn: event.currentTarget.value })}
      />
    </div>
  );
}
