import { Navigate, Outlet, useLocation } from 'react-router';
import { useAccountStore } from '@/stores/accountStore';

interface RequireAccountProps {
  /** Which visitors belong here; the others are sent where they belong. */
  readonly signedIn: boolean;
}

/**
 * Keeps pages of users from visitors, and the sign-in pages from users. A guest may sign in or register to become more. Nothing
 * shows until it is known who it is.
 */
export function RequireAccount({ signedIn }: RequireAccountProps) {
  const status = useAccountStore((state) => state.status);
  const isGuest = useAccountStore((state) => state.account?.isGuest ?? false);
  const { pathname } = useLocation();
  if (status === 'unknown') return null;
  if ((status === 'signedIn') === signedIn) return <Outlet />;
  if (signedIn) return <Navigate to="/login" replace />;
  if (isGuest && pathname !== '/guest') return <Outlet />;
  return <Navigate to={isGuest ? '/world' : '/chats'} replace />;
}
