import { useState } from 'react';
import { Icon } from '@/components/common/Icon';
import { useFile } from '@/hooks/useFile';
import { useRatio } from '@/hooks/useRatio';
import { useConnectionStore } from '@/stores/connectionStore';
import { t } from '@/utils/t';
import { useLogShared, useMessageTab } from './logContext';
import type { MediaBody } from './mediaBody';
import { RichText } from './RichText';
import styles from './PictureContent.module.css';

const NOBODY: readonly never[] = [];

interface PictureContentProps {
  readonly rowKey: string;
  readonly body: MediaBody;
}

/** A picture in a frame that has its ratio before it is there; a press shows it whole. */
export function PictureContent({ rowKey, body }: PictureContentProps) {
  const { openPicture } = useLogShared();
  const tab = useMessageTab();
  const file = useFile(body.fileId);
  const online = useConnectionStore(({ connection }) => connection.phase === 'online');
  const frame = useRatio<HTMLButtonElement>(body.width, body.height);
  const address = file ? (file.thumbnailUrl ?? file.url) : '';
  // Another address is another try, and so is a connection.
  const attempt = `${online} ${address}`;
  const [failed, setFailed] = useState('');
  const broken = failed === attempt;
  const gone = file === null || (broken && online);
  return (
    <>
      <button
        ref={frame}
        type="button"
        className={styles.frame}
        disabled={!file || broken}
        tabIndex={tab}
        onClick={() => openPicture(rowKey)}
      >
        {gone ? (
          <span className={styles.gone}>
            <Icon name="image" />
            {t('pictureGone')}
          </span>
        ) : (
          file &&
          !broken && (
            <img
              className={styles.image}
              src={address}
              alt={body.caption || t('photo')}
              draggable={false}
              onError={() => setFailed(attempt)}
            />
          )
        )}
      </button>
      {body.caption && (
        <span className={styles.caption}>
          <RichText text={body.caption} mentions={NOBODY} />
        </span>
      )}
    </>
  );
}
