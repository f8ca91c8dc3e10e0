import { Avatar } from '@/components/common/Avatar';
import { useNames } from '@/hooks/useNames';
import { useTypists } from '@/hooks/useTypists';
import { ConversationType, Role } from '@/protocol/codes';
import { useContactStore } from '@/stores/contactStore';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import { ANNOUNCEMENTS } from '@/types/ids';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';

interface ChatTitleProps {
  readonly conversation: Conversation;
  readonly name: string;
}

/** Who or what a chat is with, and what goes on there: who types, who is online, how many there are. */
export function ChatTitle({ conversation, name }: ChatTitleProps) {
  const { id, type, peerId, role, memberCount } = conversation;
  const nameOf = useNames();
  const typing = useTypists(id);
  const online = useContactStore((state) => (peerId ? (state.online[peerId] ?? false) : false));
  const status = () => {
    const [first] = typing;
    if (first && type === ConversationType.Private) return t('typing');
    if (first && typing.length === 1) return t('typingOne', { name: nameOf(first) });
    if (first) return t('typingMany', { count: typing.length });
    if (type === ConversationType.System)
      return t(id === ANNOUNCEMENTS ? 'announcementsText' : 'notificationsText');
    if (type !== ConversationType.Group) return t(online ? 'online' : 'offline');
    return role === Role.None ? t('notMember') : t('memberCount', { count: memberCount });
  };
  return (
    <>
      <Avatar
        id={peerId ?? id}
        name={name}
        group={type === ConversationType.Group}
        online={peerId ? online : null}
      />
      <div className={shared.grow}>
        <h1 className={shared.ellipsis}>{name}</h1>
        <p className={classes(shared.caption, shared.muted, shared.ellipsis)}>{status()}</p>
      </div>
    </>
  );
}
