import { Modal } from 'antd';
import { useState } from 'react';
import { TextField } from '@/components/common/TextField';
import { useAction } from '@/hooks/useAction';
import { client } from '@/services/client';
import { MAX_GROUP_NAME } from '@/protocol/limits';
import shared from '@/theme/shared.module.css';
import type { ConversationId } from '@/types/ids';
import { t } from '@/utils/t';

interface RenameGroupDialogProps {
  readonly groupId: ConversationId;
  readonly name: string;
  readonly onClose: () => void;
}

/** Gives a group another name. */
export function RenameGroupDialog({ groupId, name: before, onClose }: RenameGroupDialogProps) {
  const [name, setName] = useState(before);
  const { pending, run } = useAction();
  const length = [...name.trim()].length;
  const save = async () => {
    if (await run(() => client.renameGroup(groupId, name.trim()))) onClose();
  };
  return (
    <Modal
      open
      title={t('renameGroup')}
      okText={t('save')}
      cancelText={t('cancel')}
      confirmLoading={pending}
      okButtonProps={{ className: shared.primary ?? '', disabled: length === 0 || length > MAX_GROUP_NAME }}
      onOk={() => void save()}
      onCancel={onClose}
    >
      <TextField
        label={t('groupName')}
        autoComplete="off"
        value={name}
        help={t('groupNameHelp')}
        error={undefined}
        onChange={setName}
      />
    </Modal>
  );
}
