import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { TemplateFormProps } from './approve-form.tsx';
import { LifecycleForm } from './lifecycle-form.tsx';
import { usersText } from './listed-template.ts';

const deprecateText = `mutation DeprecateTemplate($ref: String!, $note: String, $sunset: Date) {
  deprecateTemplate(ref: $ref, note: $note, sunset: $sunset) { ref }
}`;

export function DeprecateForm({ template, close }: TemplateFormProps) {
  const [sunset, setSunset] = useState(template.sunset ?? '');
  return (
    <LifecycleForm
      text={deprecateText}
      variables={{ ref: template.ref, sunset: sunset === '' ? null : sunset }}
      about={`It goes on running, and its callers are told to leave it. ${usersText(template)}`}
      noteAbout="What callers are told, such as what to use. May be empty."
      note={template.deprecationNote ?? ''}
      submitLabel="Deprecate"
      close={close}
    >
      <TextInput
        type="date"
        label="To be retired on"
        description="Callers are told the day. It is not retired by itself."
        value={sunset}
        onChange={(event) => setSunset(event.currentTarget.value)}
      />
    </LifecycleForm>
  );
}
