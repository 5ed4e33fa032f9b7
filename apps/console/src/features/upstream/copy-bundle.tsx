import { Stack } from '@mantine/core';
import { CopyButton } from '../../parts/copy-button.tsx';
import { JsonBlock } from '../../parts/json-block.tsx';

/** The bundle of a probe is long: it scrolls, and is copied as it came. */
export const CopyBundle = ({ text }: { readonly text: string }) => (
  <Stack gap="xs" align="flex-start">
    <CopyButton of="the bundle" text={text} />
    <div style={{ alignSelf: 'stretch' }}>
      <JsonBlock label="Bundle of the probe" json={text} />
    </div>
  </Stack>
);
