import { Suspense } from 'react';
import type { GroupPanelPlace } from '@/hooks/useGroupPanel';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import type { UserId } from '@/types/ids';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import { GroupContent } from './GroupContent';
import { GroupDrawer } from './groupDialogs';

interface GroupPanelProps {
  readonly conversation: Conversation;
  readonly self: UserId;
  readonly place: GroupPanelPlace;
}

/** A group and who is in it: beside the chat where there is room, else over it. */
export function GroupPanel({ conversation, self, place }: GroupPanelProps) {
  if (!place.shown) return null;
  if (!place.inline)
    return (
      <Suspense>
        <GroupDrawer conversation={conversation} self={self} onClose={place.close} />
      </Suspense>
    );
  return (
    <aside className={classes(shared.glass, shared.panel)} data-part="side" aria-label={t('groupPanel')}>
      <GroupContent conversation={conversation} self={self} />
    </aside>
  );
}
