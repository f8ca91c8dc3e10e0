import { Modal } from '@/components/ant/parts';
import { Button } from '@/components/common/Button';
import { useFeedback } from '@/hooks/useFeedback';
import { useState } from 'react';
import { Icon } from '@/components/common/Icon';
import { useAction } from '@/hooks/useAction';
import { useCopy } from '@/hooks/useCopy';
import { client } from '@/services/client';
import { useContactStore } from '@/stores/contactStore';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import type { Member } from '@/types/group';
import type { UserId } from '@/types/ids';
import { inviteLink } from '@/utils/inviteLink';
import { t } from '@/utils/t';
import { FriendPicker } from './FriendPicker';
import styles from './InviteDialog.module.css';

interface InviteDialogProps {
  readonly conversation: Conversation;
  /** Those who are known to be in it. */
  readonly members: readonly Member[];
  readonly onClose: () => void;
}

/** Brings friends into a group who are not in it, or gives its link. */
export function InviteDialog({ conversation, members, onClose }: InviteDialogProps) {
  const { id } = conversation;
  const { message } = useFeedback();
  const friends = useContactStore((state) => state.friends);
  const [chosen, setChosen] = useState<readonly UserId[]>([]);
  const { pending, run } = useAction();
  const copy = useCopy();
  const link = inviteLink(id);
  const inside = new Set(members.map(({ userId }) => userId));
  const others = friends.filter(({ friendId }) => !inside.has(friendId));
  const invite = () =>
    run(async () => {
      const admitted = await client.inviteToGroup(id, chosen);
      onClose();
      void message.success(t(admitted ? 'invited' : 'invitationAsked'));
    });
  return (
    <Modal
      open
      title={t('inviteMembers')}
      okText={t('invite')}
      cancelText={t('cancel')}
      confirmLoading={pending}
      okButtonProps={{ className: shared.primary ?? '', disabled: chosen.length === 0 }}
      onOk={() => void invite()}
      onCancel={onClose}
    >
      <div className={styles.link}>
        <span className={styles.words}>
          <span className={styles.help}>{t('inviteLinkHelp')}</span>
          <span className={styles.address}>{link}</span>
        </span>
        <Button
          icon={<Icon name="copy" size="small" />}
          onClick={() => void copy(link, t('inviteLinkCopied'))}
        >
          {t('copyLink')}
        </Button>
      </div>
      {others.length === 0 ? (
        <p>{t('everybodyInvited')}</p>
      ) : (
        <FriendPicker friends={others} chosen={chosen} onChange={setChosen} />
      )}
    </Modal>
  );
}
