import { useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { IconButton } from '@/components/common/IconButton';
import { useFile } from '@/hooks/useFile';
import { useKeptUrl } from '@/hooks/useKeptUrl';
import { usePictureSource } from '@/hooks/usePictureSource';
import { usePanZoom } from '@/hooks/usePanZoom';
import { EntryType } from '@/protocol/codes';
import type { ConversationId, UserId } from '@/types/ids';
import type { LogRow, MessageRow } from '@/utils/logRows';
import { formatClock, formatDay } from '@/utils/time';
import { t } from '@/utils/t';
import styles from './ImageViewer.module.css';

interface ImageViewerProps {
  readonly conversationId: ConversationId;
  readonly rows: readonly LogRow[];
  /** The row whose picture is shown first. */
  readonly openKey: string;
  readonly nameOf: (userId: UserId) => string;
  readonly onClose: () => void;
}

/** One picture of the log over the whole page: whole or closer, moved by hand, with the next and the previous one. */
export function ImageViewer({ conversationId, rows, openKey, nameOf, onClose }: ImageViewerProps) {
  const pictures = useMemo(() => rows.filter(isPicture), [rows]);
  const [key, setKey] = useState(openKey);
  const index = Math.max(
    0,
    pictures.findIndex((row) => row.key === key),
  );
  const row = pictures[index];
  const body = row?.body.kind === 'media' ? row.body : null;
  const dialog = useRef<HTMLDialogElement>(null);
  const file = useFile(body?.fileId ?? '');
  const kept = useKeptUrl(conversationId, row?.seq ?? null);
  // Small, where the whole one does not come.
  const { shown, refused, fail } = usePictureSource(file?.url ?? '', kept);
  const gone = file === null || refused;
  const { stage, content, handlers, zoomBy, toggle, reset } = usePanZoom(key);

  // A modal dialog keeps the focus inside and gives it back, as long as it is closed before it is gone.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  const show = (step: 1 | -1) => {
    const next = pictures[index + step];
    if (next) setKey(next.key);
  };
  const keyDown = (event: KeyboardEvent<HTMLElement>) => {
    event.stopPropagation();
    if (event.key === 'ArrowLeft') show(-1);
    else if (event.key === 'ArrowRight') show(1);
    else if (event.key === '+' || event.key === '=') zoomBy(1.5);
    else if (event.key === '-') zoomBy(1 / 1.5);
    else if (event.key === '0') reset();
    else return;
    event.preventDefault();
  };

  if (!row || !body) return null;
  const name = body.caption || t('photo');
  return (
    <dialog
      ref={dialog}
      className={styles.viewer}
      aria-label={t('pictureOf', { name: nameOf(row.senderId), index: index + 1, count: pictures.length })}
      onKeyDown={keyDown}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header className={styles.bar}>
        <p className={styles.title}>
          <b>{nameOf(row.senderId)}</b>
          <span>{`${formatDay(row.time)} ${formatClock(row.time)}`}</span>
        </p>
        <IconButton icon="zoomOut" label={t('zoomOut')} onClick={() => zoomBy(1 / 1.5)} />
        <IconButton icon="zoomIn" label={t('zoomIn')} onClick={() => zoomBy(1.5)} />
        {file && (
          <a className={styles.save} href={file.url} download={file.name} target="_blank" rel="noreferrer">
            {t('download')}
          </a>
        )}
        <IconButton icon="close" label={t('close')} autoFocus onClick={onClose} />
      </header>
      <div className={styles.stage} ref={stage} {...handlers} onDoubleClick={toggle}>
        {shown && !gone ? (
          <img
            ref={content}
            className={styles.picture}
            src={shown}
            alt={name}
            draggable={false}
            onError={fail}
          />
        ) : (
          <p className={styles.gone}>{t(gone ? 'pictureGone' : 'pictureLoading')}</p>
        )}
      </div>
      {body.caption && <p className={styles.caption}>{body.caption}</p>}
      {index > 0 && (
        <IconButton
          className={styles.previous}
          icon="back"
          label={t('previousPicture')}
          onClick={() => show(-1)}
        />
      )}
      {index < pictures.length - 1 && (
        <IconButton className={styles.next} icon="back" label={t('nextPicture')} onClick={() => show(1)} />
      )}
    </dialog>
  );
}

function isPicture(row: LogRow): row is MessageRow {
  return (
    row.kind === 'message' &&
    row.body.kind === 'media' &&
    row.body.type === EntryType.Image &&
    row.body.fileId !== ''
  );
}
