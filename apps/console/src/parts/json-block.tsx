import { Code } from '@mantine/core';
import { prettyJson } from './pretty-json.ts';

/** JSON with indents, in a box that scrolls by keyboard, too. */
export const JsonBlock = ({ label, json }: { readonly label: string; readonly json: string }) => (
  <section tabIndex={0} aria-label={label} style={{ maxHeight: '20rem', overflow: 'auto' }}>
    <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
      {prettyJson(json)}
    </Code>
  </section>
);
