import { Checkbox, MultiSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Failure } from '../../parts/failure.tsx';
import { choiceOption } from './choice-option.tsx';
import { templateOptions } from './granted-template.ts';
import { scopes } from './key-choices.ts';
import { listProps } from './list-props.ts';
import { mayBeInUrl } from './new-key-draft.ts';
import type { DraftProps } from './new-key-form.tsx';
import { useGrantableTemplates } from './use-grantable-templates.ts';

/** What the key may run and administer. */
export function RightFields({ draft, change }: DraftProps) {
  const { data, error } = useQuery(useGrantableTemplates());
  const canBeInUrl = mayBeInUrl(draft);
  return (
    <>
      {error !== null && <Failure error={error} />}
      <MultiSelect
        label="Templates"
        description="The templates that it may run. Empty means all, those of later days included."
        data={templateOptions(data?.templates ?? [])}
        value={[...draft.templates]}
        onChange={(templates) => change({ templates })}
        nothingFoundMessage={
          data === undefined ? 'Reading the templates …' : 'No approved template has this in its name.'
        }
        searchable
        // Else Enter after a search would send the form.
        selectFirstOptionOnChange
        {...listProps}
        hidePickedOptions
      />
      <Checkbox
        label="May be sent in the URL of its report"
        description={
          canBeInUrl
            ? 'For spreadsheets and feed readers, which cannot send headers. Who has the address has the report.'
            : 'Only for a key of the level "ID only" with exactly one template.'
        }
        checked={canBeInUrl && draft.inUrl}
        onChange={(event) => change({ inUrl: event.currentTarget.checked })}
        disabled={!canBeInUrl}
      />
      <MultiSelect
        label="Scopes"
        description="What it may do besides reading. Without templates:run it runs no templates."
        data={scopes.map(({ value, label }) => ({ value, label }))}
        renderOption={choiceOption(scopes)}
        {...listProps}
        value={[...draft.scopes]}
        onChange={(chosen) => change({ scopes: chosen })}
      />
    </>
  );
}
