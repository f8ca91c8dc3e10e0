import { useEffect, useState } from 'react';
import { Button } from '@/components/common/Button';
import { EmptyState } from '@/components/common/EmptyState';
import { RowSkeleton } from '@/components/common/RowSkeleton';
import { t } from '@/utils/t';
import styles from './AwaitedLog.module.css';

/** What this device holds is there sooner, milliseconds: until then nothing is shown, and readers are told nothing. */
const PATIENCE_MS = 200;

interface AwaitedLogProps {
  /** It could not be had. */
  readonly failed?: boolean;
  readonly onRetry?: () => void;
}

/** In place of a log that is not there yet. */
export function AwaitedLog({ failed = false, onRetry }: AwaitedLogProps) {
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={styles.place} aria-busy={!failed}>
      {failed && (
        <EmptyState
          title={t('logFailed')}
          text={t('logFailedText')}
          action={onRetry && <Button onClick={onRetry}>{t('logTryAgain')}</Button>}
        />
      )}
      {!failed && isLate && <RowSkeleton kind="messages" label={t('loadingMessages')} />}
    </div>
  );
}
