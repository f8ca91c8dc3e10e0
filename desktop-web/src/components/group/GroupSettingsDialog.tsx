import { Modal } from '@/components/ant/parts';
import { Button } from '@/components/common/Button';
import { PictureChooser } from '@/components/common/PictureChooser';
import { useFeedback } from '@/hooks/useFeedback';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import { ChoiceSetting } from '@/components/settings/ChoiceSetting';
import { ProfileField } from '@/components/settings/ProfileField';
import { SettingRow } from '@/components/settings/SettingRow';
import { SwitchSetting } from '@/components/settings/SwitchSetting';
import type { TextName } from '@/constants/texts/en';
import { useEndGroup } from '@/hooks/useEndGroup';
import { useSaving } from '@/hooks/useSaving';
import { Role } from '@/protocol/codes';
import { MAX_GROUP_NAME } from '@/protocol/limits';
import { client } from '@/services/client';
import type { GroupView } from '@/stores/groupStore';
import type { Conversation } from '@/types/conversation';
import type { GroupChange, GroupJoinPolicy } from '@/types/group';
import type { UserId } from '@/types/ids';
import { groupNameProblem } from '@/utils/groupName';
import { errorText, t } from '@/utils/t';
import { AboutField } from './AboutField';
import { TransferDialog } from './TransferDialog';
import styles from './GroupSettingsDialog.module.css';

const POLICIES: readonly (readonly [GroupJoinPolicy, TextName, TextName])[] = [
  ['free', 'joinFree', 'joinFreeText'],
  ['approval', 'joinApproval', 'joinApprovalText'],
  ['invite', 'joinInvite', 'joinInviteText'],
];

interface GroupSettingsDialogProps {
  readonly conversation: Conversation;
  readonly view: GroupView;
  readonly self: UserId;
  readonly onClose: () => void;
}

/** The face and rules of a group, for those who lead it; each is saved as it is changed. Its end, for the owner. */
export function GroupSettingsDialog({ conversation, view, self, onClose }: GroupSettingsDialogProps) {
  const { id, name } = conversation;
  const { group } = view;
  const isOwner = conversation.role === Role.Owner;
  const navigate = useNavigate();
  const { message } = useFeedback();
  const endGroup = useEndGroup(conversation);
  const { state, save } = useSaving();
  const [transfers, setTransfers] = useState(false);
  const policy = POLICIES.find(([one]) => one === group.joinPolicy);
  const attempt = async (change: () => Promise<void>) => {
    const failure = await save(change);
    return failure === null ? null : errorText(failure);
  };
  const update = (change: GroupChange) => attempt(() => client.updateGroup(id, change));
  /** For controls that have no place for words of their own. */
  const set = async (change: () => Promise<void>) => {
    const failure = await attempt(change);
    if (failure !== null) void message.error(failure);
  };
  const dissolve = async () => {
    if (!(await endGroup('dissolve'))) return;
    onClose();
    await navigate('/chats');
  };
  return (
    <Modal open title={t('groupSettings')} footer={null} onCancel={onClose}>
      <p className={styles.state} role="status">
        {state === 'saving' ? t('saving') : state === 'saved' ? t('saved') : t('savesItself')}
      </p>
      <div className={styles.face}>
        <Avatar id={id} name={name} size={72} group />
        <PictureChooser
          pending={state === 'saving'}
          removable={conversation.avatar !== ''}
          onChoose={(picture) => void set(() => client.setGroupPicture(id, picture))}
        />
      </div>
      <ProfileField
        label={t('groupName')}
        autoComplete="off"
        value={name}
        maxLength={MAX_GROUP_NAME}
        problem={groupNameProblem}
        onSave={(next) => update({ name: next })}
      />
      <AboutField value={group.description ?? ''} onSave={(description) => update({ description })} />
      <div className={styles.rules}>
        <ChoiceSetting
          label={t('joinPolicy')}
          hint={policy && t(policy[2])}
          value={group.joinPolicy}
          options={POLICIES.map(([value, label]) => ({ value, label: t(label) }))}
          onChange={(joinPolicy) => void set(() => client.updateGroup(id, { joinPolicy }))}
        />
        <SwitchSetting
          label={t('historyOpen')}
          hint={t('historyOpenText')}
          on={group.historyOpen ?? false}
          onChange={(historyOpen) => void set(() => client.updateGroup(id, { historyOpen }))}
        />
        <SwitchSetting
          label={t('silenceAll')}
          hint={t('silenceAllText')}
          on={group.silenced ?? false}
          onChange={(silenced) => void set(() => client.updateGroup(id, { silenced }))}
        />
        {isOwner && (
          <>
            <SettingRow label={t('transferGroup')} hint={t('transferGroupText')}>
              <Button onClick={() => setTransfers(true)}>{t('chooseOwner')}</Button>
            </SettingRow>
            <SettingRow label={t('dissolveGroup')} hint={t('dissolveGroupText')}>
              <Button danger onClick={() => void dissolve()}>
                {t('dissolveGroup')}
              </Button>
            </SettingRow>
          </>
        )}
      </div>
      {transfers && (
        <TransferDialog
          conversation={conversation}
          self={self}
          onClose={() => setTransfers(false)}
          onDone={onClose}
        />
      )}
    </Modal>
  );
}
