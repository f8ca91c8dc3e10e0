import { Modal } from '@/components/ant/parts';
import { useState } from 'react';
import { TextField } from '@/components/common/TextField';
import { useAction } from '@/hooks/useAction';
import { client } from '@/services/client';
import shared from '@/theme/shared.module.css';
import type { Friend } from '@/types/person';
import { t } from '@/utils/t';

interface RemarkDialogProps {
  readonly friend: Friend;
  readonly onClose: () => void;
}

/** Gives a friend a name of one's own; an empty one takes it back. */
export function RemarkDialog({ friend, onClose }: RemarkDialogProps) {
  const [remark, setRemark] = useState(friend.remark);
  const { pending, run } = useAction();
  const save = async () => {
    if (await run(() => client.setRemark(friend.friendId, remark.trim()))) onClose();
  };
  return (
    <Modal
      open
      title={t('editRemark')}
      okText={t('save')}
      cancelText={t('cancel')}
      confirmLoading={pending}
      okButtonProps={{ className: shared.primary ?? '' }}
      onOk={() => void save()}
      onCancel={onClose}
    >
      <TextField
        label={t('remark')}
        autoComplete="off"
        value={remark}
        help={t('remarkHelp')}
        error={undefined}
        onChange={setRemark}
      />
    </Modal>
  );
}
