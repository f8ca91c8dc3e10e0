import { useComposerStore, type Attachment } from '@/stores/composerStore';
import type { ConversationId } from '@/types/ids';
import { t } from '@/utils/t';
import { AttachmentCard } from './AttachmentCard';
import styles from './AttachmentStrip.module.css';

interface AttachmentStripProps {
  readonly conversationId: ConversationId;
  readonly attachments: readonly Attachment[];
}

/** The files that go out with the next message. */
export function AttachmentStrip({ conversationId, attachments }: AttachmentStripProps) {
  const detach = useComposerStore((state) => state.detach);
  if (attachments.length === 0) return null;
  return (
    <ul className={styles.strip} aria-label={t('attachments')}>
      {attachments.map(({ id, file }) => (
        <AttachmentCard key={id} file={file} onRemove={() => detach(conversationId, id)} />
      ))}
    </ul>
  );
}
