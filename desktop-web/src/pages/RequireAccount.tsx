import { Navigate, Outlet } from 'react-router';
import { useAccountStore } from '@/stores/accountStore';

interface RequireAccountProps {
  /** Which visitors belong here; the others are sent where they belong. */
  readonly signedIn: boolean;
}

/** Keeps pages of users from visitors, and the sign-in pages from users. Nothing shows until it is known who it is. */
export function RequireAccount({ signedIn }: RequireAccountProps) {
  const status = useAccountStore((state) => state.status);
  if (status === 'unknown') return null;
  if ((status === 'signedIn') === signedIn) return <Outlet />;
  return <Navigate to={signedIn ? '/login' : '/chats'} replace />;
}
