import { Avatar } from '@/components/common/Avatar';
import { Icon } from '@/components/common/Icon';
import type { TextName } from '@/constants/texts/en';
import shared from '@/theme/shared.module.css';
import type { GroupRole, Member } from '@/types/group';
import { classes } from '@/utils/classes';
import { silenceEnd } from '@/utils/silenceEnd';
import { t } from '@/utils/t';
import styles from './MemberRow.module.css';

const ROLES: Partial<Record<GroupRole, TextName>> = { owner: 'roleOwner', admin: 'roleAdmin' };

interface MemberRowProps {
  readonly member: Member;
  readonly name: string;
  readonly isSelf: boolean;
  /** Null: it is not known. */
  readonly online: boolean | null;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The one row that Tab stops at. */
  readonly isStop: boolean;
  readonly isOpen: boolean;
  readonly onOpen: (member: Member, row: HTMLElement) => void;
}

/** A member: presence, role, and whether the voice was taken. A press opens what can be done. */
export function MemberRow(props: MemberRowProps) {
  const { member, name, isSelf, online, now, isStop, isOpen, onOpen } = props;
  const { userId, role, profile, silencedUntil } = member;
  const roleName = ROLES[role];
  const until = silencedUntil ?? 0;
  const time = silenceEnd(until, now);
  const silenced = time === null ? t('memberSilenced') : t('memberSilencedUntil', { time });
  const content = (
    <>
      <Avatar id={userId} name={name} size={40} online={isSelf ? true : online} />
      <span className={shared.grow}>
        <span className={styles.top}>
          <span className={classes(shared.strong, shared.ellipsis)}>{name}</span>
          {roleName && (
            <span className={classes(styles.role, role === 'owner' && styles.owner)}>{t(roleName)}</span>
          )}
        </span>
        <span className={classes(styles.line, shared.ellipsis)}>
          {until > now && <Icon name="mute" size="small" />}
          {until > now ? silenced : isSelf ? t('you') : `@${profile.username}`}
        </span>
      </span>
    </>
  );
  if (isSelf) return <div className={styles.row}>{content}</div>;
  return (
    <button
      type="button"
      className={styles.row}
      data-member={userId}
      tabIndex={isStop ? 0 : -1}
      aria-haspopup="menu"
      aria-expanded={isOpen}
      onClick={(event) => onOpen(member, event.currentTarget)}
    >
      {content}
    </button>
  );
}
