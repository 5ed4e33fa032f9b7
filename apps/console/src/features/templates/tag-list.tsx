import { Badge, Group } from '@mantine/core';

export const TagList = ({ tags }: { readonly tags: readonly string[] }) => (
  <Group gap={4}>
    {tags.map((tag) => (
      <Badge key={tag} variant="default" tt="none" style={{ flexShrink: 0 }}>
        {tag}
      </Badge>
    ))}
  </Group>
);
