import { Modal } from 'antd';
import { useState } from 'react';
import { useAction } from '@/hooks/useAction';
import { client } from '@/services/client';
import { useContactStore } from '@/stores/contactStore';
import shared from '@/theme/shared.module.css';
import type { Member } from '@/types/group';
import type { ConversationId, UserId } from '@/types/ids';
import { t } from '@/utils/t';
import { FriendPicker } from './FriendPicker';

interface InviteDialogProps {
  readonly groupId: ConversationId;
  readonly members: readonly Member[];
  readonly onClose: () => void;
}

/** Brings friends into a group who are not in it. */
export function InviteDialog({ groupId, members, onClose }: InviteDialogProps) {
  const friends = useContactStore((state) => state.friends);
  const [chosen, setChosen] = useState<readonly UserId[]>([]);
  const { pending, run } = useAction();
  const inside = new Set(members.map(({ userId }) => userId));
  const others = friends.filter(({ friendId }) => !inside.has(friendId));
  const invite = async () => {
    if (await run(() => client.inviteToGroup(groupId, chosen))) onClose();
  };
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
      {others.length === 0 ? (
        <p>{t('everybodyInvited')}</p>
      ) : (
        <FriendPicker friends={others} chosen={chosen} onChange={setChosen} />
      )}
    </Modal>
  );
}
