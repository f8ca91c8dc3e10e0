import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { AuthFrame } from '@/components/auth/AuthFrame';
import { AuthLink } from '@/components/auth/AuthLink';
import { FormNote } from '@/components/common/FormNote';
import { PasswordMeter } from '@/components/auth/PasswordMeter';
import { SubmitButton } from '@/components/auth/SubmitButton';
import { TextField } from '@/components/common/TextField';
import { useFormAction } from '@/hooks/useFormAction';
import { Code } from '@/protocol/codes';
import { client } from '@/services/client';
import { passwordProblem } from '@/utils/passwordStrength';
import { errorText, t } from '@/utils/t';
import styles from '@/components/auth/AuthFrame.module.css';

/** Sets a new password by the token of a mail, which is in the address. It signs nobody in. */
export function ResetPage() {
  const [search] = useSearchParams();
  const token = search.get('token') ?? '';
  const [password, setPassword] = useState('');
  const [invalid, setInvalid] = useState<Code | null>(null);
  const [done, setDone] = useState(false);
  const form = useFormAction(async () => {
    const problem = token === '' ? Code.ResetTokenInvalid : passwordProblem(password);
    setInvalid(problem);
    if (problem !== null) return;
    await client.resetPassword(token, password);
    setDone(true);
  });
  const code = invalid ?? form.failure;
  const ofPassword = code === Code.PasswordInvalid || code === Code.PasswordCommon;
  if (done)
    return (
      <AuthFrame title={t('resetTitle')} text={t('resetDoneText')}>
        <div className={styles.done}>
          <FormNote kind="done" text={t('resetDone')} />
          <AuthLink to="/login" className={styles.other}>
            {t('signIn')}
          </AuthLink>
        </div>
      </AuthFrame>
    );
  return (
    <AuthFrame title={t('resetTitle')} text={t('resetText')}>
      <form onSubmit={form.submit} noValidate>
        <TextField
          label={t('newPassword')}
          icon="lock"
          type="password"
          autoComplete="new-password"
          value={password}
          error={ofPassword ? errorText(code) : undefined}
          onChange={(value) => {
            setPassword(value);
            setInvalid(null);
            form.reset();
          }}
        />
        <PasswordMeter password={password} names={[]} />
        <FormNote kind="failed" text={code === null || ofPassword ? undefined : errorText(code)} />
        <SubmitButton label={t('setPassword')} pending={form.pending} waitSeconds={form.waitSeconds} />
        <p className={styles.foot}>
          <AuthLink to="/forgot">{t('askAgain')}</AuthLink>
        </p>
      </form>
    </AuthFrame>
  );
}
