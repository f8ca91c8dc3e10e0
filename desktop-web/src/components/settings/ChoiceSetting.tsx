import { Segmented } from '@/components/ant/parts';
import { SettingRow } from './SettingRow';

interface ChoiceSettingProps<Value extends string> {
  readonly label: string;
  readonly hint?: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly onChange: (value: Value) => void;
}

/** One of a few. */
export function ChoiceSetting<Value extends string>({
  label,
  hint,
  value,
  options,
  onChange,
}: ChoiceSettingProps<Value>) {
  return (
    <SettingRow label={label} {...(hint ? { hint } : {})}>
      <Segmented
        aria-label={label}
        value={value}
        options={[...options]}
        onChange={(chosen) => onChange(chosen as Value)}
      />
    </SettingRow>
  );
}
