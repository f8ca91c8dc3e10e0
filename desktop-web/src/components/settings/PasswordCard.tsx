import { Button } from '@/components/common/Button';
import { useFeedback } from '@/hooks/useFeedback';
import { useState } from 'react';
import { FormNote } from '@/components/common/FormNote';
import { PasswordMeter } from '@/components/auth/PasswordMeter';
import { TextField } from '@/components/common/TextField';
import { useFormAction } from '@/hooks/useFormAction';
import { Code } from '@/protocol/codes';
import { client } from '@/services/client';
import { useAccountStore } from '@/stores/accountStore';
import { passwordProblem } from '@/utils/passwordStrength';
import { errorText, t } from '@/utils/t';
import { SettingsCard } from './SettingsCard';
import styles from './SettingsForm.module.css';

/** Another password. The other devices are signed out by it. */
export function PasswordCard() {
  const { message } = useFeedback();
  const profile = useAccountStore((state) => state.account?.profile);
  const [oldPassword, setOldPassword] = useState('');
  const [newPassword, setNewPassword] = useState('');
  const [invalid, setInvalid] = useState<Code | null>(null);
  const [incomplete, setIncomplete] = useState(false);
  const form = useFormAction(async () => {
    const problem = passwordProblem(newPassword);
    setIncomplete(oldPassword === '');
    setInvalid(problem);
    if (oldPassword === '' || problem !== null) return;
    await client.changePassword(oldPassword, newPassword);
    setOldPassword('');
    setNewPassword('');
    void message.success(t('passwordChanged'));
  });
  const code = invalid ?? form.failure;
  const isOld = code === Code.WrongCredentials;
  const isNew = code === Code.PasswordInvalid || code === Code.PasswordCommon;
  const missing = incomplete && oldPassword === '' ? t('errorRequired') : undefined;
  const change = (set: (value: string) => void) => (value: string) => {
    set(value);
    setInvalid(null);
    form.reset();
  };
  return (
    <SettingsCard section="password" icon="lock" title={t('sectionPassword')}>
      <form className={styles.form} onSubmit={form.submit} noValidate>
        {/* Password managers need to know whose it is. */}
        <input type="text" autoComplete="username" value={profile?.username ?? ''} readOnly hidden />
        <TextField
          label={t('oldPassword')}
          type="password"
          autoComplete="current-password"
          value={oldPassword}
          error={isOld ? t('wrongOldPassword') : missing}
          onChange={change(setOldPassword)}
        />
        <TextField
          label={t('newPassword')}
          type="password"
          autoComplete="new-password"
          value={newPassword}
          error={isNew ? errorText(code) : undefined}
          onChange={change(setNewPassword)}
        />
        <PasswordMeter password={newPassword} names={[profile?.username ?? '', profile?.nickname ?? '']} />
        <FormNote kind="failed" text={code === null || isOld || isNew ? undefined : errorText(code)} />
        <div className={styles.actions}>
          <span className={styles.hint}>{t('passwordChangeText')}</span>
          <Button htmlType="submit" loading={form.pending} disabled={form.waitSeconds > 0}>
            {form.waitSeconds > 0 ? t('waitSeconds', { seconds: form.waitSeconds }) : t('changePassword')}
          </Button>
        </div>
      </form>
    </SettingsCard>
  );
}
