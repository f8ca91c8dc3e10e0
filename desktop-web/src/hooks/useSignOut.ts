import { useFeedback } from './useFeedback';
import { client } from '@/services/client';
import { t } from '@/utils/t';

/** Signs out of this device, after asking once. */
export function useSignOut(): () => void {
  const { modal } = useFeedback();
  return () =>
    void modal.confirm({
      title: t('signOutTitle'),
      content: t('signOutText'),
      icon: null,
      okText: t('signOut'),
      okButtonProps: { danger: true },
      cancelText: t('cancel'),
      onOk: () => client.signOut(),
    });
}
