import { EntryType } from '@/protocol/codes';
import { Icon } from '@/components/common/Icon';
import { useFile } from '@/hooks/useFile';
import { bodyText } from '@/utils/entryText';
import type { MessageBody } from '@/utils/messageBody';
import { formatBytes } from '@/utils/text';
import { t } from '@/utils/t';
import styles from './MediaContent.module.css';

interface MediaContentProps {
  readonly body: Extract<MessageBody, { kind: 'media' }>;
}

/** A picture in its place, or a file to be saved. Its words stand there while it is not known where it is. */
export function MediaContent({ body }: MediaContentProps) {
  const file = useFile(body.fileId);
  if (!file) return <span className={styles.words}>{bodyText(body)}</span>;
  if (body.type === EntryType.Image)
    return (
      <span className={styles.picture}>
        <a href={file.url} target="_blank" rel="noreferrer">
          <img
            className={styles.image}
            src={file.thumbnailUrl ?? file.url}
            alt={body.caption || t('photo')}
            width={file.width ?? undefined}
            height={file.height ?? undefined}
            loading="lazy"
          />
        </a>
        {body.caption && <span className={styles.words}>{body.caption}</span>}
      </span>
    );
  const name = body.name || file.name;
  return (
    <a className={styles.file} href={file.url} download={name} target="_blank" rel="noreferrer">
      <Icon name="down" />
      <span className={styles.name}>{name}</span>
      <span className={styles.size}>{formatBytes(body.size)}</span>
    </a>
  );
}
