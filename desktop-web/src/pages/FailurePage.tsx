import { Button } from '@/components/common/Button';
import { useEffect } from 'react';
import { useRouteError } from 'react-router';
import { EmptyState } from '@/components/common/EmptyState';
import { report } from '@/utils/report';
import { t } from '@/utils/t';
import styles from './FailurePage.module.css';

/** What is left when a page breaks, or its chunk is gone after a new release: loading it anew helps. */
export function FailurePage() {
  const error = useRouteError();
  useEffect(() => report('a page broke', error), [error]);
  return (
    <main className={styles.page}>
      <EmptyState
        title={t('pageBroke')}
        text={t('pageBrokeText')}
        action={<Button onClick={() => location.reload()}>{t('reload')}</Button>}
      />
    </main>
  );
}
