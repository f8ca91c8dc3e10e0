import { Button } from '@/components/common/Button';
import { useCallback } from 'react';
import { useNavigate } from 'react-router';
import { EmptyState } from '@/components/common/EmptyState';
import { CardState } from '@/components/settings/CardState';
import type { TextName } from '@/constants/texts/en';
import { useLoaded } from '@/hooks/useLoaded';
import { Code } from '@/protocol/codes';
import { client } from '@/services/client';
import type { ConversationId } from '@/types/ids';
import { t } from '@/utils/t';
import { JoinCard } from './JoinCard';
import styles from './JoinCard.module.css';

/** Why there is no group behind a link, for good. */
const GONE: Partial<Record<Code, TextName>> = {
  [Code.ConversationNotFound]: 'joinMissing',
  [Code.NotAGroup]: 'joinMissing',
  [Code.NotFound]: 'joinMissing',
  [Code.InvalidArgument]: 'joinMissing',
  [Code.GroupDissolved]: 'joinDissolved',
};

interface JoinDoorProps {
  readonly groupId: ConversationId;
}

/** A group by its link: its face once it is known, or that there is none. */
export function JoinDoor({ groupId }: JoinDoorProps) {
  const navigate = useNavigate();
  const loaded = useLoaded(useCallback(() => client.groupFace(groupId), [groupId]));
  const gone = loaded.failure === null ? undefined : GONE[loaded.failure];
  if (gone)
    return (
      <EmptyState
        title={t(gone)}
        text={t('joinGoneText')}
        action={<Button onClick={() => void navigate('/chats')}>{t('toChats')}</Button>}
      />
    );
  if (!loaded.value)
    return (
      <div className={styles.card}>
        <CardState loaded={loaded} rows={3} />
      </div>
    );
  return <JoinCard group={loaded.value} />;
}
