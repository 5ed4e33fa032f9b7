import { Progress, Stack, Text } from '@mantine/core';
import { Facts } from '../../parts/facts.tsx';
import { Section } from '../../parts/section.tsx';
import type { BudgetAnswer, BudgetWindow } from './upstream-answer.ts';
import { freePercent, sharingText, windowText } from './upstream-words.ts';

/** What is left of the calls that CertCentral lets through. */
export function BudgetSection({ budget }: { readonly budget: BudgetAnswer }) {
  const { freeNow, windows, inFlight, queued, pausedMs } = budget;
  return (
    <Section title="Call budget">
      {windows.length === 0 ? (
        <Text size="sm">The windows of the budget are not known here.</Text>
      ) : (
        <Stack gap="sm" maw={480}>
          {windows.map((window) => (
            <Window key={`${window.calls} ${window.windowMs}`} window={window} />
          ))}
        </Stack>
      )}
      <Facts
        of={[
          ['Free now', freeNow],
          ['Without an answer yet', inFlight],
          ['Rest after a 429', pausedMs === 0 ? 'none' : `${Math.ceil(pausedMs / 1_000)} s`],
          ['Waiting: interactive', queued.interactive],
          ['Waiting: scheduled', queued.scheduled],
          ['Waiting: comparisons', queued.shadow],
          ['Waiting: backfill', queued.backfill],
          ['Sharing', sharingText(budget)],
        ]}
      />
    </Section>
  );
}

function Window({ window }: { readonly window: BudgetWindow }) {
  const text = `Free: ${windowText(window)}`;
  return (
    <div>
      <Text size="sm">{text}</Text>
      <Progress value={freePercent(window)} aria-label={text} />
    </div>
  );
}
