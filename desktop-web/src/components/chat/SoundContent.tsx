import { useFile } from '@/hooks/useFile';
import { bodyText } from '@/utils/entryText';
import { formatDuration } from '@/utils/text';
import { t } from '@/utils/t';
import { useMessageTab } from './logContext';
import type { MediaBody } from './mediaBody';
import styles from './SoundContent.module.css';

interface SoundContentProps {
  readonly body: MediaBody;
}

/** A voice message, played where it stands. */
export function SoundContent({ body }: SoundContentProps) {
  const file = useFile(body.fileId);
  const tab = useMessageTab();
  if (file === null) return <span>{bodyText(body)}</span>;
  return (
    <span className={styles.sound}>
      {file ? (
        <audio src={file.url} controls preload="metadata" aria-label={t('voice')} tabIndex={tab} />
      ) : (
        <span className={styles.place} />
      )}
      {body.durationMs > 0 && <span className={styles.length}>{formatDuration(body.durationMs)}</span>}
    </span>
  );
}
