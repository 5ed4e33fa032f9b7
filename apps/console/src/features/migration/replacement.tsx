import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ProgressAnswer } from './migration-answer.ts';

/** What is called in place of the route. */
export function Replacement({ template, replacementField }: Pick<ProgressAnswer, 'template' | 'replacementField'>) {
  if (template !== null)
    return (
      <Anchor
        renderRoot={(props) => <Link {...props} to="/reports/$name" params={{ name: template }} />}
        size="sm"
        underline="always"
      >
        {template}
      </Anchor>
    );
  if (replacementField !== null)
    return (
      <>
        field <code>{replacementField}</code>
      </>
    );
  return <>CertCentral alone</>;
}
