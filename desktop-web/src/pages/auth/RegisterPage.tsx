import { useState } from 'react';
import { AuthFrame } from '@/components/auth/AuthFrame';
import { FormError } from '@/components/auth/FormError';
import { SubmitButton } from '@/components/auth/SubmitButton';
import { TextField } from '@/components/common/TextField';
import { useFormAction } from '@/hooks/useFormAction';
import { Code } from '@/protocol/codes';
import { client } from '@/services/client';
import { errorText, t } from '@/utils/t';
import { byteLength } from '@/utils/text';

const USERNAME = /^[a-z0-9_.-]{3,32}$/i;

/** Bytes of a password: more would be cut by the hash, so the server refuses it. */
const MIN_PASSWORD = 8;
const MAX_PASSWORD = 71;

/** Makes an account and signs in with it. */
export function RegisterPage() {
  const [username, setUsername] = useState('');
  const [nickname, setNickname] = useState('');
  const [password, setPassword] = useState('');
  const [invalid, setInvalid] = useState<Code | null>(null);
  const form = useFormAction(async () => {
    const problem = problemOf(username.trim(), password);
    setInvalid(problem);
    if (problem === null) await client.register({ username, nickname, password });
  });
  const code = invalid ?? form.failure;
  const ofUsername = code === Code.UsernameTaken || code === Code.UsernameInvalid;
  const ofPassword = code === Code.PasswordInvalid;
  const change = (set: (value: string) => void) => (value: string) => {
    set(value);
    setInvalid(null);
    form.reset();
  };
  return (
    <AuthFrame title={t('registerTitle')} text={t('registerText')}>
      <form onSubmit={form.submit} noValidate>
        <TextField
          label={t('username')}
          icon="user"
          autoComplete="username"
          value={username}
          help={t('usernameHelp')}
          error={ofUsername ? errorText(code) : undefined}
          onChange={change(setUsername)}
        />
        <TextField
          label={t('displayName')}
          autoComplete="nickname"
          value={nickname}
          error={undefined}
          onChange={change(setNickname)}
        />
        <TextField
          label={t('password')}
          icon="lock"
          type="password"
          autoComplete="new-password"
          value={password}
          help={t('passwordHelp')}
          error={ofPassword ? errorText(code) : undefined}
          onChange={change(setPassword)}
        />
        <FormError text={code === null || ofUsername || ofPassword ? undefined : errorText(code)} />
        <SubmitButton label={t('createAccount')} pending={form.pending} waitSeconds={form.waitSeconds} />
      </form>
    </AuthFrame>
  );
}

function problemOf(username: string, password: string): Code | null {
  if (!USERNAME.test(username)) return Code.UsernameInvalid;
  const length = byteLength(password);
  return length < MIN_PASSWORD || length > MAX_PASSWORD ? Code.PasswordInvalid : null;
}
