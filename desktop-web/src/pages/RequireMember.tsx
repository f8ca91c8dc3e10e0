import { Navigate, Outlet } from 'react-router';
import { useAccountStore } from '@/stores/accountStore';

/** Pages that need an account: a guest is led to the world chat. */
export function RequireMember() {
  const isGuest = useAccountStore((state) => state.account?.isGuest ?? false);
  return isGuest ? <Navigate to="/world" replace /> : <Outlet />;
}
