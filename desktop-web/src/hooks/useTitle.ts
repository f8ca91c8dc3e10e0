import { useEffect } from 'react';
import { formatCount } from '@/utils/text';
import { t } from '@/utils/t';

/** Puts what is unread into the title, where another tab shows it. */
export function useTitle(unread: number): void {
  useEffect(() => {
    document.title = unread > 0 ? `(${formatCount(unread)}) ${t('appName')}` : t('appName');
  }, [unread]);
}
