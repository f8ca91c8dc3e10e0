import { useRef, useState, type KeyboardEvent } from 'react';
import { Button } from '@/components/common/Button';
import { TextField } from '@/components/common/TextField';
import { useComposition } from '@/hooks/useComposition';
import { useFormAction } from '@/hooks/useFormAction';
import { Code } from '@/protocol/codes';
import { useAccountStore } from '@/stores/accountStore';
import { isEmail, MAX_EMAIL } from '@/utils/email';
import { errorText, t } from '@/utils/t';
import styles from './SettingsForm.module.css';

interface EmailFieldProps {
  /** As the server has it. */
  readonly value: string;
  /** Rejects when it is refused. */
  readonly onSave: (email: string, password: string) => Promise<void>;
}

/**
 * The mail address of the profile. Another one takes the password, because who has the mailbox can set a new one: it is saved by
 * Enter or its button, not when it is left. Escape takes it back.
 */
export function EmailField({ value, onSave }: EmailFieldProps) {
  const element = useRef<HTMLFormElement>(null);
  const username = useAccountStore((state) => state.account?.profile.username ?? '');
  const [email, setEmail] = useState(value);
  const [password, setPassword] = useState('');
  const [invalid, setInvalid] = useState(false);
  const [incomplete, setIncomplete] = useState(false);
  const edit = (next: string) => {
    setEmail(next);
    setInvalid(false);
    if (next !== value) return;
    // The password was for another address.
    setPassword('');
    setIncomplete(false);
  };
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    setShown(value);
    edit(value);
  }
  const composition = useComposition();
  const isEdited = email !== value;
  const form = useFormAction(async () => {
    if (!isEdited) return;
    const isInvalid = email !== '' && !isEmail(email);
    setInvalid(isInvalid);
    setIncomplete(password === '');
    if (isInvalid || password === '') return;
    await onSave(email, password);
    // What had the focus goes; who writes elsewhere already stays there.
    const { activeElement } = document;
    if (activeElement === document.body || element.current?.contains(activeElement))
      focusFirst(element.current);
  });
  const cancel = () => {
    edit(value);
    form.reset();
    focusFirst(element.current);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    // Neither the Enter nor the Escape that ends a composition of Chinese is meant for the form.
    if (composition.owns(event)) return event.key === 'Enter' ? event.preventDefault() : undefined;
    if (event.key === 'Escape' && isEdited && !form.pending) cancel();
  };
  const isRefused = form.failure === Code.InvalidArgument;
  const missing = incomplete && password === '' ? t('errorRequired') : undefined;
  return (
    <form
      ref={element}
      className={styles.form}
      onSubmit={form.submit}
      onCompositionStart={composition.start}
      onCompositionEnd={composition.end}
      noValidate
    >
      <TextField
        label={t('email')}
        type="email"
        autoComplete="email"
        value={email}
        maxLength={MAX_EMAIL}
        help={t('emailHelp')}
        error={invalid || isRefused ? t('emailInvalid') : undefined}
        onChange={(next) => {
          edit(next);
          form.reset();
        }}
        onKeyDown={onKeyDown}
      />
      {isEdited && (
        <>
          {/* Password managers need to know whose it is. */}
          <input type="text" autoComplete="username" value={username} readOnly hidden />
          <TextField
            label={t('yourPassword')}
            type="password"
            autoComplete="current-password"
            value={password}
            help={t('yourPasswordHelp')}
            error={form.failure === null || isRefused ? missing : passwordError(form.failure)}
            onChange={(next) => {
              setPassword(next);
              form.reset();
            }}
            onKeyDown={onKeyDown}
          />
          <div className={styles.actions}>
            <Button disabled={form.pending} onClick={cancel}>
              {t('cancel')}
            </Button>
            <Button htmlType="submit" loading={form.pending} disabled={form.waitSeconds > 0}>
              {form.waitSeconds > 0 ? t('waitSeconds', { seconds: form.waitSeconds }) : t('save')}
            </Button>
          </div>
        </>
      )}
    </form>
  );
}

/** Not on touch, where it would open the keyboard. */
function focusFirst(form: HTMLFormElement | null): void {
  if (matchMedia('(hover: hover)').matches) form?.querySelector('input')?.focus();
}

function passwordError(code: Code): string {
  return code === Code.WrongCredentials ? t('wrongPassword') : errorText(code);
}
