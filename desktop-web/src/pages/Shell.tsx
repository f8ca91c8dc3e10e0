import { Outlet, useMatch, useMatches, useParams } from 'react-router';
import { Rail } from '@/components/common/Rail';
import { useAttention } from '@/hooks/useAttention';
import { useRefusals } from '@/hooks/useRefusals';
import { useSearchKey } from '@/hooks/useSearchKey';
import { useWanted } from '@/hooks/useWanted';
import { UpdateNotice } from '@/components/shell/UpdateNotice';
import { SessionDialog } from '@/components/session/SessionDialog';
import { StorageNotice } from '@/components/session/StorageNotice';
import { asConversationId, WORLD_CONVERSATION } from '@/types/ids';
import styles from './Shell.module.css';

/**
 * How a page lies in the frame. `list`: a list and what is chosen from it; a small screen shows one of the two, what is chosen without
 * the rail. `page`: the same, but a small screen shows the main part with the rail. `wide`: no list.
 */
export interface PageHandle {
  readonly view: 'list' | 'page' | 'wide';
}

/** The frame around all pages of a signed-in user. */
export function Shell() {
  const { conversationId, friendId } = useParams();
  const matches = useMatches();
  const isWorld = useMatch('/world') !== null;
  useRefusals();
  useSearchKey();
  useWanted();
  useAttention(isWorld ? WORLD_CONVERSATION : conversationId ? asConversationId(conversationId) : null);
  const handle = matches.map((match) => match.handle as PageHandle | undefined).findLast(Boolean);
  const view = handle?.view ?? 'list';
  return (
    <div
      className={styles.shell}
      data-view={view === 'list' && (conversationId ?? friendId) ? 'detail' : view}
    >
      <Rail />
      <Outlet />
      <StorageNotice />
      <UpdateNotice />
      <SessionDialog />
    </div>
  );
}
