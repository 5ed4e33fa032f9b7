import { Button, CopyButton as MantineCopyButton } from '@mantine/core';

export interface CopyButtonProps {
  /** What is copied, in words. */
  readonly of: string;
  readonly text: string;
}

/** Browsers give the clipboard to pages over TLS and of the machine itself alone; elsewhere the text is marked and copied by hand. */
export function CopyButton({ of, text }: CopyButtonProps) {
  if (!window.isSecureContext) return null;
  return (
    <MantineCopyButton value={text}>
      {({ copied, copy }) => (
        <Button size="compact-sm" variant="default" onClick={copy} aria-label={`Copy ${of}`}>
          {copied ? 'Copied' : 'Copy'}
        </Button>
      )}
    </MantineCopyButton>
  );
}
