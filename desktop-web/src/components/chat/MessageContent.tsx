import { bodyText } from '@/utils/entryText';
import type { MessageBody } from '@/utils/messageBody';
import { MediaContent } from './MediaContent';
import styles from './MessageContent.module.css';

interface MessageContentProps {
  readonly body: MessageBody;
}

/** What stands in a bubble. */
export function MessageContent({ body }: MessageContentProps) {
  if (body.kind === 'media' && body.fileId) return <MediaContent body={body} />;
  if (body.kind === 'notice')
    return (
      <span className={styles.notice}>
        <strong>{body.title}</strong>
        <span className={styles.text}>{body.content}</span>
      </span>
    );
  return <span className={styles.text}>{bodyText(body)}</span>;
}
