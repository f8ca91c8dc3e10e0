import type { ReactNode } from 'react';
import { Link, useLocation } from 'react-router';

interface AuthLinkProps {
  readonly to: string;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** Goes to another way in, which keeps the address that was asked for. */
export function AuthLink({ to, className, children }: AuthLinkProps) {
  const location = useLocation();
  const wanted: unknown = location.state;
  return (
    <Link to={to} state={wanted} {...(className ? { className } : {})}>
      {children}
    </Link>
  );
}
