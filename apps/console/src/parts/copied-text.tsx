import { Code, Group } from '@mantine/core';
import { CopyButton } from './copy-button.tsx';

/** A text to take along. */
export function CopiedText({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <Group gap="xs" align="flex-start" wrap="nowrap">
      <Code block style={{ flex: 1, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {text}
      </Code>
      <CopyButton of={label} text={text} />
    </Group>
  );
}
