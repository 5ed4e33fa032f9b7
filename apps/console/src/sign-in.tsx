import { Button, Container, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { gatewayUrl } from './gateway.ts';
import { Failure } from './parts/failure.tsx';

export interface SignInProps {
  readonly onKey: (key: string) => void;
  /** Why the last key was not taken. */
  readonly error: Error | null;
}

export function SignIn({ onKey, error }: SignInProps) {
  const [text, setText] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const key = text.trim();
    if (key !== '') onKey(key);
  };
  return (
    <Container component="main" size={460} py={80}>
      <Paper component="form" onSubmit={submit} withBorder p="xl" radius="md">
        <Stack>
          <div>
            <Title order={1} size="h2">
              Certfolio
            </Title>
            <Text c="dimmed" size="sm">
              {gatewayUrl}
            </Text>
          </div>
          {error !== null && <Failure error={error} />}
          <PasswordInput
            label="Key"
            description="Any key of this gateway. It stays in this tab and is gone when the tab is closed."
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            required
          />
          <Button type="submit">Sign in</Button>
          <Text c="dimmed" size="sm">
            The first start of the gateway prints an admin key. Others are made here, or with{' '}
            <code>certfolio keys create</code>.
          </Text>
        </Stack>
      </Paper>
    </Container>
  );
}
