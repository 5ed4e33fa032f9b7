import { Group } from '@mantine/core';
import { DialogButton } from '../../parts/dialog-button.tsx';
import { useSession } from '../../session.tsx';
import { ApproveForm } from './approve-form.tsx';
import { DeprecateForm } from './deprecate-form.tsx';
import type { ListedTemplate } from './listed-template.ts';
import { RetireForm } from './retire-form.tsx';
import { TemplateFacts } from './template-facts.tsx';

/** What can be done with a version in its state. */
export function TemplateActions({ template }: { readonly template: ListedTemplate }) {
  const mayPublish = useSession().may('templates:publish');
  const { ref, state } = template;
  const isInService = state === 'APPROVED' || state === 'DEPRECATED';
  return (
    <Group gap={4} miw={150}>
      <DialogButton label="Details" of={`of ${ref}`} title={`Template ${ref}`} dialogSize="xl">
        {() => <TemplateFacts name={ref} />}
      </DialogButton>
      {mayPublish && state === 'DRAFT' && (
        <DialogButton label="Approve" of={ref} title={`Approve ${ref}`}>
          {(close) => <ApproveForm template={template} close={close} />}
        </DialogButton>
      )}
      {mayPublish && isInService && (
        <DialogButton label="Deprecate" of={ref} title={`Deprecate ${ref}`}>
          {(close) => <DeprecateForm template={template} close={close} />}
        </DialogButton>
      )}
      {mayPublish && state !== 'RETIRED' && (
        <DialogButton label="Retire" of={ref} title={`Retire ${ref}`}>
          {(close) => <RetireForm template={template} close={close} />}
        </DialogButton>
      )}
    </Group>
  );
}
