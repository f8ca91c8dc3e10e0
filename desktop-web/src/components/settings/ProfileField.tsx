import { useState, type KeyboardEvent } from 'react';
import { TextField } from '@/components/common/TextField';

interface ProfileFieldProps {
  readonly label: string;
  readonly type?: 'text' | 'tel';
  readonly autoComplete: string;
  /** As the server has it. */
  readonly value: string;
  readonly maxLength: number;
  /** What is wrong with a value, before it is sent. */
  readonly problem: (value: string) => string | null;
  /** Gives why it was refused, or null. */
  readonly onSave: (value: string) => Promise<string | null>;
}

/** A line of the profile. Enter or going on saves it when it is another; Escape takes it back. */
export function ProfileField({ value, problem, onSave, ...field }: ProfileFieldProps) {
  const [text, setText] = useState(value);
  const [error, setError] = useState<string | null>(null);
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    setShown(value);
    setText(value);
  }
  const save = async () => {
    const wanted = text.trim();
    if (wanted === value) return setText(value);
    const wrong = problem(wanted);
    setError(wrong ?? (await onSave(wanted)));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    // An Enter that ends a composition of Chinese is not meant for the field.
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') void save();
    if (event.key !== 'Escape') return;
    setText(value);
    setError(null);
  };
  return (
    <TextField
      {...field}
      value={text}
      error={error ?? undefined}
      onChange={(next) => {
        setText(next);
        setError(null);
      }}
      onBlur={() => void save()}
      onKeyDown={onKeyDown}
    />
  );
}
