import { PictureChooser } from '@/components/common/PictureChooser';
import { Modal } from '@/components/ant/parts';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import { TextField } from '@/components/common/TextField';
import { useAction } from '@/hooks/useAction';
import { useNames } from '@/hooks/useNames';
import { usePickedPicture } from '@/hooks/usePickedPicture';
import { client } from '@/services/client';
import { useContactStore } from '@/stores/contactStore';
import shared from '@/theme/shared.module.css';
import type { UserId } from '@/types/ids';
import { defaultGroupName, groupNameProblem } from '@/utils/groupName';
import { t } from '@/utils/t';
import { FriendPicker } from './FriendPicker';
import styles from './CreateGroupDialog.module.css';

interface CreateGroupDialogProps {
  readonly onClose: () => void;
}

/** Makes a group of friends, with a name or that of its people, and shows it. */
export function CreateGroupDialog({ onClose }: CreateGroupDialogProps) {
  const navigate = useNavigate();
  const friends = useContactStore((state) => state.friends);
  const nameOf = useNames();
  const [name, setName] = useState('');
  const [memberIds, setMemberIds] = useState<readonly UserId[]>([]);
  const { picture, url, pick } = usePickedPicture();
  const { pending, run } = useAction();
  const people = defaultGroupName(memberIds.map(nameOf));
  const wanted = name.trim() || people;
  const isTooLong = name.trim() !== '' && groupNameProblem(name) !== null;
  const create = () =>
    run(async () => {
      const id = await client.createGroup({ name: wanted, memberIds }, picture ?? undefined);
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
      okButtonProps={{ className: shared.primary ?? '', disabled: groupNameProblem(wanted) !== null }}
      onOk={() => void create()}
      onCancel={onClose}
    >
      <div className={styles.face}>
        <Avatar id="new" name={wanted || t('newGroup')} size={72} group picture={url} />
        <PictureChooser pending={false} removable={picture !== null} onChoose={pick} />
      </div>
      <TextField
        label={t('groupName')}
        autoComplete="off"
        value={name}
        help={people && name.trim() === '' ? t('groupNamedLike', { name: people }) : t('groupNameOptional')}
        error={isTooLong ? t('groupNameHelp') : undefined}
        onChange={setName}
      />
      {friends.length > 0 ? (
        <FriendPicker friends={friends} chosen={memberIds} onChange={setMemberIds} />
      ) : (
        <p className={styles.alone}>{t('noFriendsForGroup')}</p>
      )}
    </Modal>
  );
}
