import { useFeedback } from './useFeedback';
import { useCallback } from 'react';
import { client } from '@/services/client';
import type { Conversation } from '@/types/conversation';
import { t } from '@/utils/t';
import { useAction } from './useAction';

export type GroupEnd = 'leave' | 'dissolve';

/** Leaves a group or dissolves it, once the user has said so twice. Gives whether it happened; a refusal is told. */
export function useEndGroup({
  id,
  name,
}: Pick<Conversation, 'id' | 'name'>): (end: GroupEnd) => Promise<boolean> {
  const { modal } = useFeedback();
  const { run } = useAction();
  return useCallback(
    (end) =>
      new Promise((resolve) => {
        modal.confirm({
          title: t(end === 'leave' ? 'leaveGroupTitle' : 'dissolveGroupTitle', { name }),
          content: t(end === 'leave' ? 'leaveGroupText' : 'dissolveGroupText'),
          icon: null,
          okText: t(end === 'leave' ? 'leaveGroup' : 'dissolveGroup'),
          okButtonProps: { danger: true },
          cancelText: t('cancel'),
          onOk: async () =>
            resolve(await run(() => (end === 'leave' ? client.leaveGroup(id) : client.dissolveGroup(id)))),
          onCancel: () => resolve(false),
        });
      }),
    [id, name, modal, run],
  );
}
