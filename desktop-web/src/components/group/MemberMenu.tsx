import { useFeedback } from '@/hooks/useFeedback';
import { useMemo, useState } from 'react';
import { PopMenu, type MenuChoice } from '@/components/common/PopMenu';
import type { MenuPlace } from '@/hooks/usePopup';
import type { IconName } from '@/constants/icons';
import { SILENCES } from '@/constants/silences';
import type { TextName } from '@/constants/texts/en';
import { useAction } from '@/hooks/useAction';
import { useNames } from '@/hooks/useNames';
import { useOpenChat } from '@/hooks/useOpenChat';
import { client } from '@/services/client';
import { useAccountStore } from '@/stores/accountStore';
import { useContactStore } from '@/stores/contactStore';
import type { Conversation } from '@/types/conversation';
import type { Member } from '@/types/group';
import { memberActs, type MemberAct } from '@/utils/memberActs';
import { t } from '@/utils/t';

const LOOKS: Readonly<Record<MemberAct, readonly [TextName, IconName]>> = {
  makeAdmin: ['makeAdmin', 'shield'],
  makeMember: ['makeMember', 'user'],
  silence: ['silenceMember', 'mute'],
  unsilence: ['unsilenceMember', 'bell'],
  makeOwner: ['makeOwner', 'shield'],
  remove: ['removeMember', 'exit'],
};

interface MemberMenuProps {
  readonly conversation: Conversation;
  readonly member: Member;
  readonly place: MenuPlace;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly onClose: (moved: boolean) => void;
}

/** What can be done about a member, by the roles of both. What cannot be taken back asks first. */
export function MemberMenu({ conversation, member, place, now, onClose }: MemberMenuProps) {
  const { id, role: own, name: groupName } = conversation;
  const { userId } = member;
  const { modal, message } = useFeedback();
  const { run } = useAction();
  const openChat = useOpenChat();
  const name = useNames()(userId);
  const isFriend = useContactStore((state) => state.friends.some(({ friendId }) => friendId === userId));
  const nickname = useAccountStore((state) => state.account?.profile.nickname ?? '');
  const [choosesSilence, setChoosesSilence] = useState(false);

  const choices = useMemo((): readonly MenuChoice[] => {
    if (choosesSilence)
      return SILENCES.map(({ name: length, until }) => ({
        name: t(length),
        icon: 'mute',
        act: () => void run(() => client.silenceMember(id, userId, until(Date.now()))),
      }));
    const confirm = (act: 'makeOwner' | 'remove', action: () => Promise<void>) =>
      void modal.confirm({
        title: t(act === 'remove' ? 'removeMemberTitle' : 'makeOwnerTitle', { name, group: groupName }),
        content: t(act === 'remove' ? 'removeMemberText' : 'makeOwnerText', { name }),
        icon: null,
        okText: t(act === 'remove' ? 'removeMember' : 'makeOwner'),
        okButtonProps: { danger: true },
        cancelText: t('cancel'),
        onOk: () => run(action),
      });
    const acts: Readonly<Record<MemberAct, () => void>> = {
      makeAdmin: () => void run(() => client.setGroupRole(id, userId, 'admin')),
      makeMember: () => void run(() => client.setGroupRole(id, userId, 'member')),
      silence: () => setChoosesSilence(true),
      unsilence: () => void run(() => client.silenceMember(id, userId, 0)),
      makeOwner: () => confirm('makeOwner', () => client.transferGroup(id, userId)),
      remove: () => confirm('remove', () => client.removeFromGroup(id, userId)),
    };
    const befriend = async () => {
      const asked = await run(() => client.requestFriend(userId, t('greeting', { name: nickname })));
      if (asked) void message.success(t('requestSent'));
    };
    const meet: MenuChoice = isFriend
      ? { name: t('message'), icon: 'chat', act: () => void run(() => openChat(userId)) }
      : { name: t('addFriend'), icon: 'userPlus', act: () => void befriend() };
    const group = memberActs(own, member, now).map((act, index): MenuChoice => {
      const [text, icon] = LOOKS[act];
      const more = { apart: index === 0, danger: act === 'remove', stays: act === 'silence' };
      return { name: t(text), icon, act: acts[act], ...more };
    });
    return [meet, ...group];
  }, [
    choosesSilence,
    id,
    userId,
    member,
    own,
    now,
    name,
    nickname,
    groupName,
    isFriend,
    modal,
    message,
    run,
    openChat,
  ]);

  const label = choosesSilence ? t('silenceMember') : t('memberMenu', { name });
  return <PopMenu label={label} place={place} choices={choices} onClose={onClose} />;
}
