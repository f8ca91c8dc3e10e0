import { EntryType } from '@/protocol/codes';
import { bodyText } from '@/utils/entryText';
import type { MessageRow } from '@/utils/logRows';
import { FileContent } from './FileContent';
import { PictureContent } from './PictureContent';
import { RichText } from './RichText';
import { SoundContent } from './SoundContent';
import { UploadContent } from './UploadContent';
import { VideoContent } from './VideoContent';
import styles from './MessageContent.module.css';

interface MessageContentProps {
  readonly row: MessageRow;
}

/** What stands in a bubble. */
export function MessageContent({ row }: MessageContentProps) {
  const { body, mentions, pending } = row;
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
      return <PictureContent row={row} body={body} />;
    case EntryType.Voice:
      return <SoundContent body={body} />;
    case EntryType.Video:
      return <VideoContent body={body} />;
    default:
      return <FileContent body={body} />;
  }
}
