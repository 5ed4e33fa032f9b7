import { Center, Loader, Text } from '@mantine/core';

export function Loading({ what }: { readonly what: string }) {
  return (
    <Center role="status" py="xl">
      <Loader size="sm" mr="sm" aria-hidden />
      <Text>Reading {what} …</Text>
    </Center>
  );
}
