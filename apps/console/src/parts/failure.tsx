import { Alert, Text } from '@mantine/core';
import { GatewayError } from '@certfolio/client';

/** What went wrong, in the gateway's own words, with what support asks for. */
export function Failure({ error }: { readonly error: Error }) {
  const facts = error instanceof GatewayError ? factsOf(error) : [];
  return (
    <Alert color="red" role="alert" title="This did not work">
      <Text size="sm">{error.message}</Text>
      {facts.length > 0 && (
        <Text size="xs" mt="xs" ff="monospace">
          {facts.join(' · ')}
        </Text>
      )}
    </Alert>
  );
}

function factsOf({ code, requestId, retryAfterMs }: GatewayError): readonly string[] {
  return [
    code,
    ...(requestId === null ? [] : [`request ${requestId}`]),
    ...(retryAfterMs === null ? [] : [`again in ${Math.ceil(retryAfterMs / 1_000)} s`]),
  ];
}
