import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, type ReactNode } from 'react';
import { gatewayUrl } from '../../gateway.ts';
import { CopiedText } from '../../parts/copied-text.tsx';
import type { CreatedKey } from './created-key.ts';
import { curlCommand, neededVariables, onlyTemplate } from './granted-template.ts';
import { useGrantableTemplates } from './use-grantable-templates.ts';

export interface ShownSecretProps {
  readonly of: CreatedKey;
  /** What more there is to know of it. */
  readonly children?: ReactNode;
  readonly close: () => void;
}

/** The one look at a new secret; whoever shows it drops it when it is closed. */
export function ShownSecret({ of: { secret, url, key }, children, close }: ShownSecretProps) {
  const box = useRef<HTMLDivElement>(null);
  // The button that made it is gone, and with it the place of the keyboard.
  useEffect(() => box.current?.focus(), []);
  const template = onlyTemplate(key.templates);
  return (
    <Stack ref={box} tabIndex={-1} style={{ outline: 'none' }}>
      <Text size="sm">
        Copy the secret of {key.name} now. It is shown here and never again; Certfolio keeps only its hash.
      </Text>
      <CopiedText label="secret" text={secret} />
      {children}
      {url !== null && (
        <Section title="Address of the report">
          <Text size="sm">Who has this address has the report: the key is part of it.</Text>
          <CopiedText label="address" text={url} />
        </Section>
      )}
      {template !== null && <CommandOf template={template} />}
      <Group justify="flex-end">
        <Button onClick={close}>I have kept the secret</Button>
      </Group>
    </Stack>
  );
}

function CommandOf({ template }: { readonly template: string }) {
  const { data } = useQuery(useGrantableTemplates());
  const needed = neededVariables(data?.templates.find(({ name }) => name === template));
  return (
    <Section title="Run its report as CSV">
      <Text size="sm">
        The command reads the secret from the variable CERTFOLIO_KEY of the shell.
        {needed.length > 0 && ` Put a value in the place of VALUE: the report needs ${needed.join(', ')}.`}
      </Text>
      <CopiedText label="command" text={curlCommand(gatewayUrl, template, needed)} />
    </Section>
  );
}

const Section = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <Stack gap="xs">
    <Title order={3} size="h5">
      {title}
    </Title>
    {children}
  </Stack>
);
