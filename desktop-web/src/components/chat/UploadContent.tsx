import { Icon } from '@/components/common/Icon';
import { useRatio } from '@/hooks/useRatio';
import { useUploadUrl } from '@/hooks/useUploadUrl';
import { EntryType } from '@/protocol/codes';
import { client } from '@/services/client';
import { useChatStore } from '@/stores/chatStore';
import shared from '@/theme/shared.module.css';
import type { PendingMessage, Upload } from '@/types/pending';
import { classes } from '@/utils/classes';
import { formatBytes } from '@/utils/text';
import { t } from '@/utils/t';
import { useMessageTab } from './logContext';
import type { MediaBody } from './mediaBody';
import styles from './FileContent.module.css';
import pictures from './PictureContent.module.css';

interface UploadContentProps {
  readonly body: MediaBody;
  readonly message: PendingMessage;
  readonly upload: Upload;
}

/** A file that is on its way up: its picture if it is one, how far it got, and a way to stop it. */
export function UploadContent({ body, message, upload }: UploadContentProps) {
  const { clientMessageId: id, state } = message;
  const progress = useChatStore((store) => store.uploads[id]);
  const tab = useMessageTab();
  const isPicture = body.type === EntryType.Image;
  const url = useUploadUrl(isPicture ? id : null);
  const frame = useRatio<HTMLSpanElement>(upload.width ?? 0, upload.height ?? 0);
  const waits = state === 'sending';
  const total = progress?.total ?? upload.size;
  const percent = progress && total > 0 ? Math.floor((progress.sent / total) * 100) : 0;
  return (
    <>
      {isPicture && (
        <span ref={frame} className={pictures.frame}>
          {url && <img className={pictures.image} src={url} alt={upload.name} draggable={false} />}
        </span>
      )}
      <span className={styles.file}>
        {waits ? (
          <button
            type="button"
            className={classes(styles.icon, styles.cancel)}
            aria-label={t('cancelUpload', { name: upload.name })}
            title={t('cancelUpload', { name: upload.name })}
            tabIndex={tab}
            onClick={() => void client.discard(id)}
          >
            <Icon name="close" />
          </button>
        ) : (
          <span className={styles.icon}>
            <Icon name={isPicture ? 'image' : 'file'} />
          </span>
        )}
        <span className={shared.grow}>
          <span className={classes(styles.name, shared.ellipsis, shared.block)} title={upload.name}>
            {upload.name}
          </span>
          {waits && (
            <progress
              className={styles.progress}
              max={100}
              value={percent}
              aria-label={t('uploadOf', { name: upload.name })}
            />
          )}
          <span className={styles.info}>
            {waits && progress
              ? t('uploadProgress', { sent: formatBytes(progress.sent), total: formatBytes(total), percent })
              : formatBytes(upload.size)}
          </span>
        </span>
      </span>
    </>
  );
}
