import { EntryType } from '@/protocol/codes';
import type { UserId } from '@/types/ids';
import type { PendingMessage } from '@/types/pending';
import { bodyText } from '@/utils/entryText';
import type { MessageBody } from '@/utils/messageBody';
import { FileContent } from './FileContent';
import { PictureContent } from './PictureContent';
import { RichText } from './RichText';
import { SoundContent } from './SoundContent';
import { UploadContent } from './UploadContent';
import { VideoContent } from './VideoContent';
import styles from './MessageContent.module.css';

interface MessageContentProps {
  /** Of the message's row. */
  readonly rowKey: string;
  readonly body: MessageBody;
  readonly mentions: readonly UserId[];
  /** Null: it is stored. */
  readonly pending: PendingMessage | null;
}

/** What stands in a bubble. */
export function MessageContent({ rowKey, body, mentions, pending }: MessageContentProps) {
  if (body.kind === 'text') return <RichText text={body.text} mentions={mentions} />;
  if (body.kind === 'notice')
    return (
      <span className={styles.notice}>
        <strong>{body.title}</strong>
        <RichText text={body.content} mentions={mentions} />
      </span>
    );
  if (body.kind !== 'media') return <span className={styles.odd}>{bodyText(body)}</span>;
  if (pending?.upload) return <UploadContent body={body} message={pending} upload={pending.upload} />;
  if (!body.fileId) return <span className={styles.odd}>{bodyText(body)}</span>;
  switch (body.type) {
    case EntryType.Image:
      return <PictureContent rowKey={rowKey} body={body} />;
    case EntryType.Voice:
      return <SoundContent body={body} />;
    case EntryType.Video:
      return <VideoContent body={body} />;
    default:
      return <FileContent body={body} />;
  }
}
