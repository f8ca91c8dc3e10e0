import { Modal, Radio, RadioGroup } from '@/components/ant/parts';
import { useMemo, useState } from 'react';
import { Avatar } from '@/components/common/Avatar';
import { SearchField } from '@/components/common/SearchField';
import { useAction } from '@/hooks/useAction';
import { useMemberPages } from '@/hooks/useMemberPages';
import { useNames } from '@/hooks/useNames';
import { client } from '@/services/client';
import { useGroupStore } from '@/stores/groupStore';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import type { UserId } from '@/types/ids';
import { byRank } from '@/utils/memberActs';
import { t } from '@/utils/t';
import styles from './TransferDialog.module.css';

/** Of more people one searches. */
const MAX_SHOWN = 50;

interface TransferDialogProps {
  readonly conversation: Conversation;
  readonly self: UserId;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Gives the group to another member. */
export function TransferDialog({ conversation, self, onClose, onDone }: TransferDialogProps) {
  const { id } = conversation;
  const members = useGroupStore((state) => state.groups[id]?.members);
  const [query, setQuery] = useState('');
  const [heir, setHeir] = useState<UserId | null>(null);
  const nameOf = useNames();
  const { pending, run } = useAction();
  useMemberPages(id, query !== '');
  const wanted = query.trim().toLowerCase();
  const offered = useMemo(
    () =>
      [...(members ?? [])]
        .filter(
          ({ userId, profile }) =>
            userId !== self &&
            [nameOf(userId), profile.username].some((name) => name.toLowerCase().includes(wanted)),
        )
        .sort(byRank)
        .slice(0, MAX_SHOWN),
    [members, self, wanted, nameOf],
  );
  const transfer = async () => {
    if (heir !== null && (await run(() => client.transferGroup(id, heir)))) onDone();
  };
  return (
    <Modal
      open
      title={t('transferGroup')}
      okText={heir === null ? t('makeOwner') : t('makeOwnerOf', { name: nameOf(heir) })}
      cancelText={t('cancel')}
      confirmLoading={pending}
      okButtonProps={{ danger: true, className: shared.dangerous ?? '', disabled: heir === null }}
      onOk={() => void transfer()}
      onCancel={onClose}
    >
      <p className={styles.text}>{t('transferGroupText')}</p>
      <SearchField label={t('searchMembers')} value={query} onChange={setQuery} />
      <RadioGroup
        className={styles.members ?? ''}
        aria-label={t('members')}
        value={heir}
        onChange={(event) => setHeir(event.target.value as UserId)}
      >
        {offered.map(({ userId }) => (
          <Radio key={userId} className={styles.member ?? ''} value={userId}>
            <span className={styles.person}>
              <Avatar id={userId} name={nameOf(userId)} size={32} />
              <span className={shared.ellipsis}>{nameOf(userId)}</span>
            </span>
          </Radio>
        ))}
      </RadioGroup>
    </Modal>
  );
}
