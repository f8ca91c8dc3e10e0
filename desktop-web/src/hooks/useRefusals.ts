import { useFeedback } from './useFeedback';
import { useEffect } from 'react';
import { useRefusalStore } from '@/stores/refusalStore';
import { reasonText, t } from '@/utils/t';

/** Says in a toast why the server refused a change that was taken back from the screen. */
export function useRefusals(): void {
  const { message } = useFeedback();
  const refusal = useRefusalStore((state) => state.refusal);
  useEffect(() => {
    if (refusal) void message.error(t('changeRefused', { reason: reasonText(refusal.code) }));
  }, [refusal, message]);
}
