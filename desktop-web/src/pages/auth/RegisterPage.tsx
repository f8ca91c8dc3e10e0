import { useState } from 'react';
import { AuthFrame } from '@/components/auth/AuthFrame';
import { FormNote } from '@/components/common/FormNote';
import { PasswordMeter } from '@/components/auth/PasswordMeter';
import { SubmitButton } from '@/components/auth/SubmitButton';
import { TextField } from '@/components/common/TextField';
import { useFormAction } from '@/hooks/useFormAction';
import { Code } from '@/protocol/codes';
import { client } from '@/services/client';
import { useAccountStore } from '@/stores/accountStore';
import { isEmail, MAX_EMAIL } from '@/utils/email';
import { passwordProblem } from '@/utils/passwordStrength';
import { errorText, t } from '@/utils/t';
import styles from '@/components/auth/AuthFrame.module.css';

const USERNAME = /^[a-z0-9_.-]{3,32}$/i;

type Problem = Code | 'email';

/** Makes an account and signs in with it. A guest stays the same person. */
export function RegisterPage() {
  const guest = useAccountStore(({ account }) => (account?.isGuest ? account.profile.nickname : null));
  const [username, setUsername] = useState('');
  const [nickname, setNickname] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [invalid, setInvalid] = useState<Problem | null>(null);
  const form = useFormAction(async () => {
    const problem = problemOf(username.trim(), email.trim(), password);
    setInvalid(problem);
    if (problem !== null) return;
    await client.register({ username, nickname, password, ...(email.trim() ? { email: email.trim() } : {}) });
  });
  const problem = invalid ?? form.failure;
  const ofUsername = problem === Code.UsernameTaken || problem === Code.UsernameInvalid;
  const ofPassword = problem === Code.PasswordInvalid || problem === Code.PasswordCommon;
  const ofField = ofUsername || ofPassword || problem === 'email';
  const change = (set: (value: string) => void) => (value: string) => {
    set(value);
    setInvalid(null);
    form.reset();
  };
  return (
    <AuthFrame
      title={t('registerTitle')}
      text={guest === null ? t('registerText') : t('registerGuestText', { name: guest })}
    >
      <form onSubmit={form.submit} noValidate>
        <div className={styles.two}>
          <TextField
            label={t('username')}
            autoComplete="username"
            value={username}
            help={t('usernameHelp')}
            error={ofUsername ? errorText(problem) : undefined}
            onChange={change(setUsername)}
          />
          <TextField
            label={t('displayName')}
            autoComplete="nickname"
            value={nickname}
            maxLength={64}
            help={guest === null ? t('displayNameHelp') : t('displayNameGuestHelp', { name: guest })}
            error={undefined}
            onChange={change(setNickname)}
          />
        </div>
        <TextField
          label={t('emailOptional')}
          type="email"
          autoComplete="email"
          value={email}
          maxLength={MAX_EMAIL}
          help={t('emailHelp')}
          error={problem === 'email' ? t('emailInvalid') : undefined}
          onChange={change(setEmail)}
        />
        <TextField
          label={t('password')}
          icon="lock"
          type="password"
          autoComplete="new-password"
          value={password}
          error={ofPassword ? errorText(problem) : undefined}
          onChange={change(setPassword)}
        />
        <PasswordMeter password={password} names={[username, nickname]} />
        <FormNote kind="failed" text={problem === null || ofField ? undefined : errorText(problem)} />
        <SubmitButton label={t('createAccount')} pending={form.pending} waitSeconds={form.waitSeconds} />
      </form>
    </AuthFrame>
  );
}

function problemOf(username: string, email: string, password: string): Problem | null {
  if (!USERNAME.test(username)) return Code.UsernameInvalid;
  if (email !== '' && !isEmail(email)) return 'email';
  return passwordProblem(password);
}
