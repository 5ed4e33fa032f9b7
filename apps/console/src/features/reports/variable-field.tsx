import { MultiSelect, NativeSelect, TagsInput, TextInput } from '@mantine/core';
import type { OfferedVariable } from '@certfolio/client';

type Value = string | readonly string[];

export interface VariableFieldProps {
  readonly variable: OfferedVariable;
  readonly value: Value | undefined;
  readonly problem: string | null;
  readonly onChange: (value: Value) => void;
}

/** The field that fits the type of a variable; empty means its default. */
export function VariableField({ variable, value, problem, onChange }: VariableFieldProps) {
  const { name, description, type, isList, isRequired, values } = variable;
  const preset = defaultText(variable.default);
  const common = {
    label: name,
    description,
    error: problem,
    withAsterisk: isRequired,
    placeholder: preset === '' ? undefined : preset,
  };
  if (isList) {
    const list = typeof value === 'string' ? [value] : [...(value ?? [])];
    return values === null ? (
      <TagsInput
        {...common}
        value={list}
        onChange={onChange}
        description={`${description}; Enter after each`}
        clearable={false}
      />
    ) : (
      <MultiSelect {...common} value={list} onChange={onChange} data={values} searchable />
    );
  }
  const text = typeof value === 'string' ? value : (value?.[0] ?? '');
  const choices = values ?? (type === 'boolean' ? ['true', 'false'] : null);
  if (choices !== null) {
    const unset = { value: '', label: preset === '' ? 'Not set' : `Default (${preset})` };
    return (
      <NativeSelect
        {...common}
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
        data={[unset, ...choices.map((choice) => ({ value: choice, label: choice }))]}
      />
    );
  }
  return (
    <TextInput
      {...common}
      value={text}
      inputMode={type === 'integer' ? 'numeric' : type === 'number' ? 'decimal' : 'text'}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function defaultText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return Array.isArray(value) ? value.map(String).join(', ') : String(value);
}
