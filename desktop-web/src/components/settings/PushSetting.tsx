import { useEffect, useState } from 'react';
import { client } from '@/services/client';
import { useNotificationStore } from '@/stores/notificationStore';
import { report } from '@/utils/report';
import { t } from '@/utils/t';
import { SwitchSetting } from './SwitchSetting';

/** Notifications while no tab is open. Not there where the server or the browser has no pushes. */
export function PushSetting() {
  const { permission, push, preview, choose, askPermission } = useNotificationStore();
  const [isOffered, setIsOffered] = useState(false);
  const [state, setState] = useState<'idle' | 'working' | 'failed'>('idle');
  useEffect(() => {
    client.pushOffered().then(
      (offered) => setIsOffered(Boolean(offered)),
      (error: unknown) => report('it is not known whether there are pushes', error),
    );
  }, []);
  // Whether the push service may read along is told with the subscription.
  useEffect(() => {
    if (!push || permission !== 'granted') return;
    client.subscribeToPush(!preview).catch((error: unknown) => report('pushes were not changed', error));
  }, [push, preview, permission]);
  const set = async (on: boolean) => {
    setState('working');
    try {
      if (on && !(await askPermission())) return setState('idle');
      if (on) await client.subscribeToPush(!preview);
      else await client.unsubscribeFromPush();
      choose({ push: on });
      setState('idle');
    } catch (error) {
      report('pushes could not be subscribed to', error);
      setState('failed');
    }
  };
  if (!isOffered) return null;
  return (
    <SwitchSetting
      label={t('pushNotifications')}
      hint={t(state === 'failed' ? 'pushFailed' : 'pushNotificationsText')}
      on={push && permission === 'granted'}
      disabled={state === 'working' || permission === 'denied' || permission === 'unsupported'}
      onChange={(on) => void set(on)}
    />
  );
}
