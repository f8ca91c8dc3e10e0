import { Icon } from '@/components/common/Icon';
import { IconButton } from '@/components/common/IconButton';
import { useLocalPicture } from '@/hooks/useLocalPicture';
import { MAX_FILE } from '@/protocol/limits';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { formatBytes } from '@/utils/text';
import { t } from '@/utils/t';
import styles from './AttachmentCard.module.css';

interface AttachmentCardProps {
  readonly file: File;
  readonly onRemove: () => void;
}

/** One file before it is sent: what it is, how large, and why it cannot be sent. */
export function AttachmentCard({ file, onRemove }: AttachmentCardProps) {
  const isPicture = file.type.startsWith('image/');
  const picture = useLocalPicture(isPicture ? file : null);
  const problem = problemOf(file);
  return (
    <li className={classes(styles.card, problem !== null && styles.wrong)}>
      {isPicture ? (
        <img ref={picture} className={styles.picture} alt="" />
      ) : (
        <span className={styles.icon}>
          <Icon name="file" />
        </span>
      )}
      <span className={styles.words}>
        <span className={classes(shared.block, shared.ellipsis)}>{file.name || t('photo')}</span>
        {problem === null ? (
          <span className={classes(shared.caption, shared.muted)}>{formatBytes(file.size)}</span>
        ) : (
          <span className={styles.problem} role="alert">
            {problem}
          </span>
        )}
      </span>
      <IconButton
        className={styles.remove}
        icon="close"
        label={t('removeAttachment', { name: file.name })}
        onClick={onRemove}
      />
    </li>
  );
}

/** What the server would say of it ([1501], and that an empty file is none), before anything is uploaded. */
function problemOf({ size }: File): string | null {
  if (size === 0) return t('fileEmpty');
  return size > MAX_FILE ? t('fileTooLarge', { limit: formatBytes(MAX_FILE) }) : null;
}
