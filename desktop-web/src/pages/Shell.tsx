import { Outlet, useMatch, useParams } from 'react-router';
import { Rail } from '@/components/common/Rail';
import { useRefusals } from '@/hooks/useRefusals';
import { SessionDialog } from '@/components/session/SessionDialog';
import styles from './Shell.module.css';

/** The frame around all pages of a signed-in user. A small screen shows the list or what was chosen from it. */
export function Shell() {
  const { conversationId, friendId } = useParams();
  useRefusals();
  const isWorld = useMatch('/world') !== null;
  const view = (conversationId ?? friendId) ? 'detail' : 'list';
  return (
    <div className={styles.shell} data-view={isWorld ? 'world' : view}>
      <Rail />
      <Outlet />
      <SessionDialog />
    </div>
  );
}
