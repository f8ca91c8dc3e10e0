import { useState } from 'react';
import { Navigate, Outlet, useLocation } from 'react-router';
import { useAccountStore } from '@/stores/accountStore';

interface RequireAccountProps {
  /** Which visitors belong here; the others are sent where they belong. */
  readonly signedIn: boolean;
}

/** What the sign-in pages hand on to each other: the address that was asked for. */
export interface Wanted {
  readonly wanted?: string;
}

/**
 * Keeps pages of users from visitors, and the sign-in pages from users. Who signs in comes to the address that was asked for; but not
 * to that of the user who signed out there. A guest may sign in or register to become more. Nothing shows until it is known who it is.
 */
export function RequireAccount({ signedIn }: RequireAccountProps) {
  const status = useAccountStore((state) => state.status);
  const isGuest = useAccountStore((state) => state.account?.isGuest ?? false);
  const location = useLocation();
  const { pathname, search, hash } = location;
  const [wasSignedIn, setWasSignedIn] = useState(false);
  if (status === 'signedIn' && !wasSignedIn) setWasSignedIn(true);
  if (status === 'unknown') return null;
  if ((status === 'signedIn') === signedIn) return <Outlet />;
  if (signedIn) {
    const wanted: Wanted = wasSignedIn ? {} : { wanted: pathname + search + hash };
    return <Navigate to="/login" state={wanted} replace />;
  }
  if (isGuest && pathname !== '/guest') return <Outlet />;
  const { wanted } = (location.state as Wanted | null) ?? {};
  return <Navigate to={wanted ?? (isGuest ? '/world' : '/chats')} replace />;
}
