import { Checkbox, Group } from '@mantine/core';
import { useState } from 'react';
import { LifecycleForm } from './lifecycle-form.tsx';
import type { ListedTemplate } from './listed-template.ts';

const approveText = `mutation ApproveTemplate($ref: String!, $note: String, $reviewedSensitive: [String!]) {
  approveTemplate(ref: $ref, note: $note, reviewedSensitive: $reviewedSensitive) { ref }
}`;

export interface TemplateFormProps {
  readonly template: ListedTemplate;
  readonly close: () => void;
}

export function ApproveForm({ template: { ref, sensitive }, close }: TemplateFormProps) {
  const [reviewed, setReviewed] = useState<readonly string[]>([]);
  return (
    <LifecycleForm
      text={approveText}
      variables={{ ref, reviewedSensitive: reviewed }}
      about="It runs from then on, for keys that may run it, and its text never changes again. Every gateway has it within 5 s."
      noteAbout="Why; kept with the version. May be empty."
      submitLabel="Approve"
      isReady={sensitive.every((field) => reviewed.includes(field))}
      close={close}
    >
      {sensitive.length > 0 && (
        <Checkbox.Group
          label="Sensitive fields that it selects"
          description="Each has to be looked at: whoever may run the template and has the right to the field sees it."
          value={[...reviewed]}
          onChange={setReviewed}
        >
          <Group mt="xs">
            {sensitive.map((field) => (
              <Checkbox key={field} value={field} label={`I have looked at ${field}`} />
            ))}
          </Group>
        </Checkbox.Group>
      )}
    </LifecycleForm>
  );
}
