import { useFeedback } from '@/hooks/useFeedback';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { IconButton } from '@/components/common/IconButton';
import { PopMenu, type MenuChoice } from '@/components/common/PopMenu';
import type { MenuPlace } from '@/hooks/usePopup';
import { useCopy } from '@/hooks/useCopy';
import { useEndGroup } from '@/hooks/useEndGroup';
import type { Conversation } from '@/types/conversation';
import { inviteLink } from '@/utils/inviteLink';
import { leads } from '@/utils/rights';
import { t } from '@/utils/t';

interface GroupMenuProps {
  readonly conversation: Conversation;
  readonly onSettings: () => void;
}

/** What a member does with a group: its link, its settings, the way out. */
export function GroupMenu({ conversation, onSettings }: GroupMenuProps) {
  const { id } = conversation;
  const mayChange = leads(conversation);
  const button = useRef<HTMLButtonElement>(null);
  const navigate = useNavigate();
  const copy = useCopy();
  const { message } = useFeedback();
  const endGroup = useEndGroup(conversation);
  const [place, setPlace] = useState<MenuPlace | null>(null);
  const choices = useMemo((): readonly MenuChoice[] => {
    const leave = async () => {
      if (!(await endGroup('leave'))) return;
      void message.success(t('groupLeft'));
      await navigate('/chats');
    };
    const settings: MenuChoice = { name: t('groupSettings'), icon: 'settings', act: onSettings };
    return [
      {
        name: t('copyInviteLink'),
        icon: 'copy',
        act: () => void copy(inviteLink(id), t('inviteLinkCopied')),
      },
      ...(mayChange ? [settings] : []),
      { name: t('leaveGroup'), icon: 'exit', apart: true, danger: true, act: () => void leave() },
    ];
  }, [id, mayChange, copy, endGroup, message, navigate, onSettings]);
  const close = useCallback((moved: boolean) => {
    setPlace(null);
    if (!moved) button.current?.focus();
  }, []);
  return (
    <>
      <IconButton
        ref={button}
        icon="more"
        label={t('groupMenu')}
        aria-haspopup="menu"
        aria-expanded={place !== null}
        onClick={({ currentTarget }) => {
          const { left, bottom } = currentTarget.getBoundingClientRect();
          setPlace({ x: left, y: bottom });
        }}
      />
      {place && <PopMenu label={t('groupMenu')} place={place} choices={choices} onClose={close} />}
    </>
  );
}
