import type { ReactNode } from 'react';
import { NavLink, useLocation } from 'react-router';
import { Logo } from '@/components/common/Logo';
import { AuthScene } from './AuthScene';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './AuthFrame.module.css';

interface AuthFrameProps {
  readonly title: string;
  readonly text: string;
  readonly children: ReactNode;
}

const TABS = [
  { to: '/login', name: 'signIn' },
  { to: '/register', name: 'register' },
  { to: '/guest', name: 'guest' },
] as const;

/** The promise at the left, the card with its tabs at the right. Each tab has its address, and keeps the one that was asked for. */
export function AuthFrame({ title, text, children }: AuthFrameProps) {
  const location = useLocation();
  const wanted: unknown = location.state;
  return (
    <div className={classes(shared.scroll, styles.scroll)}>
      <div className={styles.frame}>
        <header className={styles.hero}>
          <p className={styles.brand}>
            <Logo />
            {t('appName')}
          </p>
          <h1>{t('heroTitle')}</h1>
          <p className={styles.promise}>{t('heroText')}</p>
          <AuthScene />
        </header>
        <main className={classes(shared.glass, styles.card)}>
          <nav className={styles.tabs} aria-label={t('waysIn')}>
            {TABS.map(({ to, name }) => (
              <NavLink key={to} to={to} state={wanted} replace>
                {t(name)}
              </NavLink>
            ))}
          </nav>
          <h2>{title}</h2>
          <p className={shared.muted}>{text}</p>
          {children}
        </main>
      </div>
    </div>
  );
}
