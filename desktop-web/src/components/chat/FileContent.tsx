import { Icon } from '@/components/common/Icon';
import { useFile } from '@/hooks/useFile';
import { classes } from '@/utils/classes';
import { fileIcon, fileKind } from '@/utils/fileKind';
import { formatBytes } from '@/utils/text';
import { t } from '@/utils/t';
import shared from '@/theme/shared.module.css';
import { useMessageTab } from './logContext';
import type { MediaBody } from './mediaBody';
import styles from './FileContent.module.css';

interface FileContentProps {
  readonly body: MediaBody;
}

/** A file by its name, size and kind; a press saves it. */
export function FileContent({ body }: FileContentProps) {
  const file = useFile(body.fileId);
  const tab = useMessageTab();
  const name = body.name || file?.name || t('file');
  const gone = file === null;
  const content = (
    <>
      <span className={styles.icon}>
        <Icon name={fileIcon(body.mime)} />
      </span>
      <span className={shared.grow}>
        <span className={classes(styles.name, shared.ellipsis, shared.block)} title={name}>
          {name}
        </span>
        <span className={styles.info}>
          {gone
            ? t('fileGone')
            : [formatBytes(body.size), fileKind(name, body.mime)].filter(Boolean).join(' · ')}
        </span>
      </span>
    </>
  );
  if (!file) return <span className={styles.file}>{content}</span>;
  return (
    <a
      className={styles.file}
      href={file.url}
      download={name}
      target="_blank"
      rel="noreferrer"
      tabIndex={tab}
      title={t('downloadFile', { name })}
    >
      {content}
    </a>
  );
}
