import {
  canEdit,
  canRemove,
  canReply,
  type MessageCommands,
  type MessageRights,
} from '@/hooks/useMessageCommands';
import { client } from '@/services/client';
import type { Seq, UserId } from '@/types/ids';
import type { MessageRow } from '@/utils/logRows';
import { t } from '@/utils/t';
import type { MenuPlace } from '@/hooks/usePopup';
import type { MenuChoice } from '@/components/common/PopMenu';
import { MessageMenu } from './MessageMenu';

interface RowMenuProps {
  readonly row: MessageRow;
  readonly place: MenuPlace;
  readonly part: 'all' | 'reactions';
  readonly rights: MessageRights;
  readonly commands: MessageCommands;
  readonly self: UserId;
  /** Several others read it, each at their time. */
  readonly hasReceipts: boolean;
  readonly onReceipts: (seq: Seq) => void;
  readonly onClose: (moved: boolean) => void;
}

/** The menu of one message: what this user can do with it. */
export function RowMenu({
  row,
  place,
  part,
  rights,
  commands,
  self,
  hasReceipts,
  onReceipts,
  onClose,
}: RowMenuProps) {
  const { seq, body, pending } = row;
  const choices: MenuChoice[] = [];
  const offer = (is: boolean, choice: MenuChoice) => void (is && choices.push(choice));
  if (part === 'all') {
    offer(row.delivery === 'failed', {
      name: t('resend'),
      icon: 'refresh',
      act: () => pending && void client.resend(pending.clientMessageId),
    });
    offer(canReply(row, rights), { name: t('reply'), icon: 'reply', act: () => commands.reply(row) });
    offer(body.kind === 'text', { name: t('copy'), icon: 'copy', act: () => commands.copy(row) });
    offer(hasReceipts && seq !== null, {
      name: t('receipts'),
      icon: 'check',
      act: () => seq !== null && onReceipts(seq),
    });
    offer(canEdit(row, rights), { name: t('edit'), icon: 'edit', act: () => commands.edit(row) });
    offer(canRemove(row, rights), {
      name: removeName(row),
      icon: seq === null ? 'trash' : 'undo',
      danger: true,
      act: () => commands.remove(row),
    });
  }
  const reacted = row.reactions.filter(({ users }) => users.includes(self)).map(({ reaction }) => reaction);
  return (
    <MessageMenu
      place={place}
      choices={choices}
      reacted={canReply(row, rights) ? reacted : null}
      onReact={(reaction, remove) => commands.react(row, reaction, remove)}
      onClose={onClose}
    />
  );
}

function removeName({ seq, delivery }: MessageRow): string {
  if (seq !== null) return t('recall');
  return delivery === 'failed' ? t('discard') : t('stopUpload');
}
