import { Modal } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { TextField } from '@/components/common/TextField';
import { useAction } from '@/hooks/useAction';
import { MAX_GROUP_NAME } from '@/protocol/limits';
import { client } from '@/services/client';
import { useContactStore } from '@/stores/contactStore';
import shared from '@/theme/shared.module.css';
import type { UserId } from '@/types/ids';
import { t } from '@/utils/t';
import { FriendPicker } from './FriendPicker';

interface CreateGroupDialogProps {
  readonly onClose: () => void;
}

/** Names a new group and chooses friends for it, then shows it. */
export function CreateGroupDialog({ onClose }: CreateGroupDialogProps) {
  const navigate = useNavigate();
  const friends = useContactStore((state) => state.friends);
  const [name, setName] = useState('');
  const [memberIds, setMemberIds] = useState<readonly UserId[]>([]);
  const { pending, run } = useAction();
  const length = [...name.trim()].length;
  const create = () =>
    run(async () => {
      const id = await client.createGroup({ name: name.trim(), memberIds });
      onClose();
      await navigate(`/chats/${id}`);
    });
  return (
    <Modal
      open
      title={t('newGroup')}
      okText={t('createGroup')}
      cancelText={t('cancel')}
      confirmLoading={pending}
      okButtonProps={{ className: shared.primary ?? '', disabled: length === 0 || length > MAX_GROUP_NAME }}
      onOk={() => void create()}
      onCancel={onClose}
    >
      <TextField
        label={t('groupName')}
        autoComplete="off"
        value={name}
        help={t('groupNameHelp')}
        error={length > MAX_GROUP_NAME ? t('groupNameHelp') : undefined}
        onChange={setName}
      />
      <FriendPicker friends={friends} chosen={memberIds} onChange={setMemberIds} />
    </Modal>
  );
}
