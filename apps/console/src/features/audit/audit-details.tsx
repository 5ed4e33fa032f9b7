import { Code, Modal, Stack } from '@mantine/core';
import { Facts } from '../../parts/facts.tsx';
import { prettyJson } from '../../parts/pretty-json.ts';
import type { AuditEntry } from './audit-entry.ts';
import { decisionOf, kindInWords, timeInWords } from './audit-words.ts';

export interface AuditDetailsProps {
  /** Null before one was chosen: a dialog that is there from the start knows where the keyboard was before. */
  readonly of: AuditEntry | null;
  readonly isOpen: boolean;
  readonly close: () => void;
}

/** The whole entry, with its place in the chain. */
export function AuditDetails({ of, isOpen, close }: AuditDetailsProps) {
  return (
    <Modal opened={isOpen} onClose={close} title={of === null ? null : `Entry ${of.seq}`} size="xl">
      {of !== null && <WholeEntry of={of} />}
    </Modal>
  );
}

function WholeEntry({ of }: { readonly of: AuditEntry }) {
  return (
    <Stack>
      <Facts
        of={[
          ['Time (UTC)', timeInWords(of.at)],
          ['Kind', kindInWords(of.kind)],
          ['Decision', decisionOf(of)],
        ]}
      />
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {prettyJson(of.json)}
      </Code>
      <Facts
        of={[
          ['Hash', <Hash text={of.hash} />],
          ['Hash of the entry before', <Hash text={of.previousHash} />],
        ]}
      />
    </Stack>
  );
}

const Hash = ({ text }: { readonly text: string }) => <Code>{text}</Code>;
