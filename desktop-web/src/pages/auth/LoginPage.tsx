import { useState } from 'react';
import { AuthFrame } from '@/components/auth/AuthFrame';
import { AuthLink } from '@/components/auth/AuthLink';
import { FormNote } from '@/components/common/FormNote';
import { SubmitButton } from '@/components/auth/SubmitButton';
import { Icon } from '@/components/common/Icon';
import { TextField } from '@/components/common/TextField';
import { useFormAction } from '@/hooks/useFormAction';
import { Code } from '@/protocol/codes';
import { client } from '@/services/client';
import { errorText, t } from '@/utils/t';
import styles from '@/components/auth/AuthFrame.module.css';

/** Signs in with an account. Success shows in the account store, which leads on to the chats. */
export function LoginPage() {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [incomplete, setIncomplete] = useState(false);
  const form = useFormAction(async () => {
    const empty = username.trim() === '' || password === '';
    setIncomplete(empty);
    if (!empty) await client.signIn(username, password);
  });
  const wrong = form.failure === Code.WrongCredentials;
  const general = form.failure === null || wrong ? undefined : errorText(form.failure);
  const required = (value: string) => (incomplete && value.trim() === '' ? t('errorRequired') : undefined);
  const change = (set: (value: string) => void) => (value: string) => {
    set(value);
    form.reset();
  };
  return (
    <AuthFrame title={t('signInTitle')} text={t('signInText')}>
      <form onSubmit={form.submit} noValidate>
        <TextField
          label={t('username')}
          icon="user"
          autoComplete="username"
          value={username}
          error={required(username)}
          onChange={change(setUsername)}
        />
        <TextField
          label={t('password')}
          icon="lock"
          type="password"
          autoComplete="current-password"
          value={password}
          error={wrong ? errorText(Code.WrongCredentials) : required(password)}
          onChange={change(setPassword)}
        />
        <p className={styles.end}>
          <AuthLink to="/forgot">{t('forgotPassword')}</AuthLink>
        </p>
        <FormNote kind="failed" text={general} />
        <SubmitButton label={t('signIn')} pending={form.pending} waitSeconds={form.waitSeconds} />
        <p className={styles.or}>{t('or')}</p>
        <AuthLink to="/guest" className={styles.other}>
          <Icon name="globe" />
          {t('lookAround')}
        </AuthLink>
      </form>
    </AuthFrame>
  );
}
