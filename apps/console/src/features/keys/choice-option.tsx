import { Text } from '@mantine/core';
import { aboutOf, type Choice } from './key-choices.ts';

/** An option with what it means below it. */
export const choiceOption =
  (choices: readonly Choice[]) =>
  ({ option }: { readonly option: { readonly value: string; readonly label: string } }) => (
    <div>
      <Text size="sm">{option.label}</Text>
      {/* In the colour of the option, which is another where the keyboard stands. */}
      <Text size="xs">{aboutOf(choices, option.value)}</Text>
    </div>
  );
