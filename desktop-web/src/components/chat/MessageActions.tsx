import { App, Dropdown, type MenuProps } from 'antd';
import { memo, useState } from 'react';
import { IconButton } from '@/components/common/IconButton';
import { QUICK_REACTIONS } from '@/constants/reactions';
import { client } from '@/services/client';
import { useComposerStore } from '@/stores/composerStore';
import { useDraftStore } from '@/stores/draftStore';
import type { ConversationId, Seq, UserId } from '@/types/ids';
import { t } from '@/utils/t';
import { ReceiptsDialog } from './ReceiptsDialog';
import styles from './MessageActions.module.css';

interface MessageActionsProps {
  readonly conversationId: ConversationId;
  readonly seq: Seq;
  readonly senderId: UserId;
  /** In words, for a quote. */
  readonly text: string;
  readonly mentions: readonly UserId[];
  /** It is a text, which can be copied. */
  readonly isText: boolean;
  readonly canWrite: boolean;
  readonly canEdit: boolean;
  readonly canRecall: boolean;
  /** Several others read it, each at their time. */
  readonly hasReceipts: boolean;
  /** The user's own reactions to it, one after the other. */
  readonly reacted: string;
}

/** What can be done with a stored message. */
export const MessageActions = memo(function MessageActions({
  conversationId,
  seq,
  senderId,
  text,
  mentions,
  isText,
  canWrite,
  canEdit,
  canRecall,
  hasReceipts,
  reacted,
}: MessageActionsProps) {
  const { message } = App.useApp();
  const setTarget = useComposerStore((state) => state.setTarget);
  const [showsReceipts, setShowsReceipts] = useState(false);

  const edit = () => {
    const { drafts, setDraft } = useDraftStore.getState();
    setTarget(conversationId, { kind: 'edit', seq, text, mentions, draft: drafts[conversationId] ?? '' });
    setDraft(conversationId, text);
  };
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    void message.success(t('copied'));
  };
  const items: NonNullable<MenuProps['items']> = [];
  if (canWrite) {
    items.push({
      key: 'reactions',
      type: 'group',
      className: styles.reactions ?? '',
      children: QUICK_REACTIONS.map((reaction) => ({
        key: `react-${reaction}`,
        label: reaction,
        title: t('reactWith', { reaction }),
        onClick: () => void client.react(conversationId, seq, reaction, reacted.includes(reaction)),
      })),
    });
    items.push({
      key: 'reply',
      label: t('reply'),
      onClick: () => setTarget(conversationId, { kind: 'reply', seq, senderId, text }),
    });
  }
  if (isText) items.push({ key: 'copy', label: t('copy'), onClick: () => void copy() });
  if (hasReceipts)
    items.push({ key: 'receipts', label: t('receipts'), onClick: () => setShowsReceipts(true) });
  if (canEdit) items.push({ key: 'edit', label: t('edit'), onClick: edit });
  if (canRecall) {
    items.push({
      key: 'recall',
      label: t('recall'),
      danger: true,
      onClick: () => void client.recallMessage(conversationId, seq),
    });
  }
  if (items.length === 0) return null;
  return (
    <>
      <Dropdown menu={{ items }} trigger={['click']} placement="bottomRight">
        <IconButton className={styles.button} icon="more" label={t('messageMenu')} />
      </Dropdown>
      {showsReceipts && (
        <ReceiptsDialog conversationId={conversationId} seq={seq} onClose={() => setShowsReceipts(false)} />
      )}
    </>
  );
});
