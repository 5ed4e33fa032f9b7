import { Checkbox, Group, Radio, TagsInput } from '@mantine/core';
import { sensitiveFields } from './key-choices.ts';
import type { NewKeyDraft } from './new-key-draft.ts';
import type { DraftProps } from './new-key-form.tsx';

type FieldsMode = NewKeyDraft['fieldsMode'];

const fieldsModes: readonly { readonly value: FieldsMode; readonly label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'chosen', label: 'Only chosen ones' },
  { value: 'none', label: 'None' },
];

const modeOf = (text: string): FieldsMode => fieldsModes.find(({ value }) => value === text)?.value ?? 'all';

/** Which rows and columns the key may see. */
export function DataFields({ draft, change, problems }: DraftProps) {
  return (
    <>
      <TagsInput
        label="Divisions"
        description="Numbers of the divisions that it may see rows of; Enter or a comma ends one. Empty means all."
        value={draft.hasNoDivisions ? [] : [...draft.divisions]}
        onChange={(divisions) => change({ divisions })}
        error={problems.get('divisions')}
        disabled={draft.hasNoDivisions}
        splitChars={[',', ' ', ';']}
      />
      <Checkbox
        label="No division at all"
        checked={draft.hasNoDivisions}
        onChange={(event) => change({ hasNoDivisions: event.currentTarget.checked })}
      />
      <Radio.Group
        label="Sensitive fields"
        description="Those that it may select; what asks for others is refused."
        value={draft.fieldsMode}
        onChange={(mode) => change({ fieldsMode: modeOf(mode) })}
      >
        <Group mt="xs">
          {fieldsModes.map(({ value, label }) => (
            <Radio key={value} value={value} label={label} />
          ))}
        </Group>
      </Radio.Group>
      {draft.fieldsMode === 'chosen' && (
        <Checkbox.Group
          label="Chosen sensitive fields"
          value={[...draft.fields]}
          onChange={(fields) => change({ fields })}
          error={problems.get('fields')}
        >
          <Group mt="xs" align="flex-start">
            {sensitiveFields.map(({ value, label, about }) => (
              <Checkbox key={value} value={value} label={label} description={about} />
            ))}
          </Group>
        </Checkbox.Group>
      )}
    </>
  );
}
