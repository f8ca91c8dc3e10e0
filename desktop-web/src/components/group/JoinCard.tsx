import { TextArea } from '@/components/ant/parts';
import { Button } from '@/components/common/Button';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import { Icon } from '@/components/common/Icon';
import { Code, JoinChange, Role } from '@/protocol/codes';
import { client } from '@/services/client';
import { useAccountStore } from '@/stores/accountStore';
import { useChatStore } from '@/stores/chatStore';
import { useGroupStore } from '@/stores/groupStore';
import shared from '@/theme/shared.module.css';
import type { Group } from '@/types/group';
import { errorCode } from '@/utils/failure';
import { errorText, t } from '@/utils/t';
import styles from './JoinCard.module.css';

/** A word to those who decide, characters. */
const MAX_WORD = 256;

interface JoinCardProps {
  readonly group: Group;
}

/** A group and the way into it: free, by asking, or only by invitation. */
export function JoinCard({ group }: JoinCardProps) {
  const { id, name, avatar, memberCount, joinPolicy, role } = group;
  const navigate = useNavigate();
  const self = useAccountStore((state) => state.account?.userId);
  // Who is let in while the page is open gets the conversation.
  const isMember = useChatStore((state) => (state.conversations[id]?.role ?? Role.None) !== Role.None);
  const answer = useGroupStore((state) => state.answers[id]);
  const [word, setWord] = useState('');
  const [pending, setPending] = useState(false);
  const [asked, setAsked] = useState(false);
  const [failure, setFailure] = useState<Code | null>(null);
  const declined = asked && answer?.userId === self && answer?.change === JoinChange.Rejected;
  const open = () => navigate(`/chats/${id}`);
  const join = async () => {
    setPending(true);
    setFailure(null);
    try {
      if (await client.joinGroup(id, word.trim())) await open();
      else setAsked(true);
    } catch (error) {
      const code = errorCode(error);
      if (code === Code.AlreadyMember) await open();
      else if (code === Code.JoinRequestPending) setAsked(true);
      else setFailure(code);
    }
    setPending(false);
  };
  const isInside = isMember || role !== 'none';
  const isShut = joinPolicy === 'invite' || failure === Code.GroupFull;
  return (
    <section className={styles.card} aria-label={name}>
      <Avatar id={id} name={name} size={88} group picture={avatar} />
      <h1 className={styles.name}>{name}</h1>
      <p className={shared.muted}>{t('memberCount', { count: memberCount })}</p>
      {isInside ? (
        <>
          <p className={styles.said}>{t('joinInside')}</p>
          <Button type="primary" size="large" className={shared.primary ?? ''} onClick={() => void open()}>
            {t('openChat')}
          </Button>
        </>
      ) : asked ? (
        <p className={styles.said} role="status">
          <Icon name={declined ? 'close' : 'check'} />
          {t(declined ? 'joinDeclined' : 'joinAsked')}
        </p>
      ) : isShut ? (
        <p className={styles.said} role={failure === null ? undefined : 'alert'}>
          <Icon name="lock" />
          {t(failure === Code.GroupFull ? 'joinFull' : 'joinInviteOnly')}
        </p>
      ) : (
        <>
          {joinPolicy === 'approval' && (
            <label className={styles.word}>
              <span>{t('joinWord')}</span>
              <TextArea
                value={word}
                maxLength={MAX_WORD}
                autoSize={{ minRows: 2, maxRows: 5 }}
                onChange={(event) => setWord(event.target.value)}
              />
            </label>
          )}
          {failure !== null && (
            <p className={styles.failure} role="alert">
              {errorText(failure)}
            </p>
          )}
          <Button
            type="primary"
            size="large"
            className={shared.primary ?? ''}
            loading={pending}
            onClick={() => void join()}
          >
            {t(joinPolicy === 'approval' ? 'askToJoin' : 'join')}
          </Button>
        </>
      )}
    </section>
  );
}
