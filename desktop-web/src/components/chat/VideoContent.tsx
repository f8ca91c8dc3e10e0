import { useFile } from '@/hooks/useFile';
import { useRatio } from '@/hooks/useRatio';
import { bodyText } from '@/utils/entryText';
import { t } from '@/utils/t';
import { useMessageTab } from './logContext';
import type { MediaBody } from './mediaBody';
import { RichText } from './RichText';
import styles from './PictureContent.module.css';

const NOBODY: readonly never[] = [];

interface VideoContentProps {
  readonly body: MediaBody;
}

/** A video, played where it stands. */
export function VideoContent({ body }: VideoContentProps) {
  const file = useFile(body.fileId);
  const tab = useMessageTab();
  const frame = useRatio<HTMLSpanElement>(body.width, body.height);
  return (
    <>
      <span ref={frame} className={styles.frame}>
        {file === null ? (
          <span className={styles.gone}>{bodyText(body)}</span>
        ) : (
          file && (
            <video
              className={styles.image}
              src={file.url}
              poster={file.thumbnailUrl ?? undefined}
              aria-label={body.caption || t('video')}
              controls
              preload="metadata"
              tabIndex={tab}
            />
          )
        )}
      </span>
      {body.caption && (
        <span className={styles.caption}>
          <RichText text={body.caption} mentions={NOBODY} />
        </span>
      )}
    </>
  );
}
