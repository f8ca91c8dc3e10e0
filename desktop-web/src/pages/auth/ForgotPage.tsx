import { useState } from 'react';
import { AuthFrame } from '@/components/auth/AuthFrame';
import { AuthLink } from '@/components/auth/AuthLink';
import { FormNote } from '@/components/common/FormNote';
import { SubmitButton } from '@/components/auth/SubmitButton';
import { TextField } from '@/components/common/TextField';
import { useFormAction } from '@/hooks/useFormAction';
import { Code } from '@/protocol/codes';
import { client } from '@/services/client';
import { errorText, t } from '@/utils/t';
import styles from '@/components/auth/AuthFrame.module.css';

/** Has a mail sent that sets a new password. Whether there is such an account is not told to whoever asks. */
export function ForgotPage() {
  const [account, setAccount] = useState('');
  const [incomplete, setIncomplete] = useState(false);
  const [sent, setSent] = useState(false);
  const form = useFormAction(async () => {
    const empty = account.trim() === '';
    setIncomplete(empty);
    if (empty) return;
    await client.forgotPassword(account);
    setSent(true);
  });
  const failure = form.failure === Code.Unsupported ? t('noMails') : form.failure && errorText(form.failure);
  return (
    <AuthFrame title={t('forgotTitle')} text={t('forgotText')}>
      <form onSubmit={form.submit} noValidate>
        <TextField
          label={t('usernameOrEmail')}
          icon="user"
          autoComplete="username"
          value={account}
          error={incomplete && account.trim() === '' ? t('errorRequired') : undefined}
          onChange={(value) => {
            setAccount(value);
            setSent(false);
            form.reset();
          }}
        />
        {sent && <FormNote kind="done" text={t('mailSent')} />}
        <FormNote kind="failed" text={failure || undefined} />
        <SubmitButton label={t('sendMail')} pending={form.pending} waitSeconds={form.waitSeconds} />
        <p className={styles.foot}>
          <AuthLink to="/login">{t('backToSignIn')}</AuthLink>
        </p>
      </form>
    </AuthFrame>
  );
}
