import { useMemo, useState } from 'react';
import { PopMenu, type MenuChoice } from '@/components/common/PopMenu';
import type { MenuPlace } from '@/hooks/usePopup';
import { MUTES, muteUntil } from '@/constants/mutes';
import { useAction } from '@/hooks/useAction';
import { client } from '@/services/client';
import type { Conversation } from '@/types/conversation';
import { isMuted } from '@/utils/rights';
import { t } from '@/utils/t';

interface ConversationMenuProps {
  readonly conversation: Conversation;
  readonly place: MenuPlace;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly onClose: (moved: boolean) => void;
}

/** What the user sets for a conversation; every device follows. */
export function ConversationMenu({ conversation, place, now, onClose }: ConversationMenuProps) {
  const { id, pinnedAt, archived, tipSeq, unread } = conversation;
  const { run } = useAction();
  const [choosesMute, setChoosesMute] = useState(false);
  const muted = isMuted(conversation, now);
  const choices = useMemo((): readonly MenuChoice[] => {
    if (choosesMute)
      return MUTES.map(({ ms, name }) => ({
        name: t(name),
        icon: 'mute',
        act: () => void run(() => client.mute(id, muteUntil(ms, Date.now()))),
      }));
    const pinned = pinnedAt > 0;
    const read: MenuChoice = { name: t('markRead'), icon: 'check', act: () => void client.markRead(id) };
    return [
      ...(unread > 0 ? [read] : []),
      { name: t(pinned ? 'unpin' : 'pin'), icon: 'pin', act: () => void run(() => client.pin(id, !pinned)) },
      muted
        ? { name: t('unmute'), icon: 'bell', act: () => void run(() => client.mute(id, 0)) }
        : { name: t('mute'), icon: 'mute', stays: true, act: () => setChoosesMute(true) },
      {
        name: t(archived ? 'unarchive' : 'archive'),
        icon: 'archive',
        apart: true,
        act: () => void run(() => client.archive(id, !archived)),
      },
      { name: t('hide'), icon: 'eyeOff', act: () => void run(() => client.hide(id, tipSeq)) },
    ];
  }, [id, pinnedAt, archived, tipSeq, unread, muted, choosesMute, run]);
  return (
    <PopMenu
      key={choosesMute ? 'mute' : 'all'}
      label={t(choosesMute ? 'mute' : 'chatMenuShort')}
      place={place}
      choices={choices}
      onClose={onClose}
    />
  );
}
