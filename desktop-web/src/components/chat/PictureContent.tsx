import { Icon } from '@/components/common/Icon';
import { useFile } from '@/hooks/useFile';
import { useKeptUrl } from '@/hooks/useKeptUrl';
import { usePictureSource } from '@/hooks/usePictureSource';
import { useRatio } from '@/hooks/useRatio';
import { client } from '@/services/client';
import type { MessageRow } from '@/utils/logRows';
import { t } from '@/utils/t';
import { useLogShared, useMessageTab } from './logContext';
import type { MediaBody } from './mediaBody';
import { RichText } from './RichText';
import styles from './PictureContent.module.css';

const NOBODY: readonly never[] = [];

interface PictureContentProps {
  readonly row: MessageRow;
  readonly body: MediaBody;
}

/**
 * A picture in a frame that has its ratio before it is there; a press shows it whole. What the device keeps of it is shown until the
 * server's comes, and instead of it where that cannot come.
 */
export function PictureContent({ row, body }: PictureContentProps) {
  const { conversationId, openPicture } = useLogShared();
  const tab = useMessageTab();
  const file = useFile(body.fileId);
  const kept = useKeptUrl(conversationId, row.seq);
  const frame = useRatio<HTMLButtonElement>(body.width, body.height);
  const address = file ? (file.thumbnailUrl ?? file.url) : '';
  const { shown, refused, fail } = usePictureSource(address, kept);
  const gone = file === null || refused;
  return (
    <>
      <button
        ref={frame}
        type="button"
        className={styles.frame}
        disabled={gone || !shown}
        tabIndex={tab}
        onClick={() => openPicture(row.key)}
      >
        {gone ? (
          <span className={styles.gone}>
            <Icon name="image" />
            {t('pictureGone')}
          </span>
        ) : (
          shown && (
            <img
              className={styles.image}
              src={shown}
              alt={body.caption || t('photo')}
              draggable={false}
              onLoad={() => {
                if (row.seq !== null && shown === address && !kept)
                  client.keepPicture(conversationId, row.seq, address);
              }}
              onError={fail}
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
