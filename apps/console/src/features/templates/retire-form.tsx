import type { TemplateFormProps } from './approve-form.tsx';
import { LifecycleForm } from './lifecycle-form.tsx';
import { usersText } from './listed-template.ts';

const retireText = `mutation RetireTemplate($ref: String!, $note: String) {
  retireTemplate(ref: $ref, note: $note) { ref }
}`;

export const RetireForm = ({ template, close }: TemplateFormProps) => (
  <LifecycleForm
    text={retireText}
    variables={{ ref: template.ref }}
    about={`It is refused from now on, for good: live, by URL and in schedules. ${usersText(template)}`}
    noteAbout="Why; kept with the version. May be empty."
    submitLabel="Retire for good"
    close={close}
  />
);
