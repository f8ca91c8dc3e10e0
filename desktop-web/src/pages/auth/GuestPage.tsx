import { AuthFrame } from '@/components/auth/AuthFrame';
import { AuthLink } from '@/components/auth/AuthLink';
import { FormNote } from '@/components/common/FormNote';
import { GuestRights } from '@/components/auth/GuestRights';
import { SubmitButton } from '@/components/auth/SubmitButton';
import { useFormAction } from '@/hooks/useFormAction';
import { client } from '@/services/client';
import { errorText, t } from '@/utils/t';
import styles from '@/components/auth/AuthFrame.module.css';

/** Comes in without an account. What a guest can and cannot do is said before. */
export function GuestPage() {
  const form = useFormAction(() => client.enterAsGuest());
  return (
    <AuthFrame title={t('guestTitle')} text={t('guestText')}>
      <form onSubmit={form.submit} noValidate>
        <GuestRights />
        <FormNote kind="failed" text={form.failure === null ? undefined : errorText(form.failure)} />
        <SubmitButton label={t('enterAsGuest')} pending={form.pending} waitSeconds={form.waitSeconds} />
        <p className={styles.foot}>
          {t('haveAccount')} <AuthLink to="/login">{t('signIn')}</AuthLink>
        </p>
      </form>
    </AuthFrame>
  );
}
