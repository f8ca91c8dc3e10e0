import { useId } from 'react';
import { Switch } from '@/components/common/Switch';
import { SettingRow } from './SettingRow';

interface SwitchSettingProps {
  readonly label: string;
  readonly hint?: string;
  readonly on: boolean;
  readonly disabled?: boolean;
  readonly onChange: (on: boolean) => void;
}

/** Something that is on or off. */
export function SwitchSetting({ label, hint, on, disabled = false, onChange }: SwitchSettingProps) {
  const id = useId();
  return (
    <SettingRow label={label} {...(hint ? { hint, hintId: id } : {})}>
      <Switch
        label={label}
        on={on}
        disabled={disabled}
        describedBy={hint ? id : undefined}
        onChange={onChange}
      />
    </SettingRow>
  );
}
