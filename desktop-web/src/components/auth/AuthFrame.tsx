import type { ReactNode } from 'react';
import { NavLink } from 'react-router';
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

/** The promise at the left, the card with its tabs at the right. Each tab has its address. */
export function AuthFrame({ title, text, children }: AuthFrameProps) {
  return (
    <div className={classes(shared.scroll, styles.scroll)}>
      <div className={styles.frame}>
        <div className={styles.hero}>
          <p className={styles.brand}>
            <Logo />
            {t('appName')}
          </p>
          <h1>{t('heroTitle')}</h1>
          <p className={styles.promise}>{t('heroText')}</p>
          <AuthScene />
        </div>
        <main className={classes(shared.glass, styles.card)}>
          <nav className={styles.tabs}>
            <NavLink to="/login">{t('signIn')}</NavLink>
            <NavLink to="/register">{t('register')}</NavLink>
            <NavLink to="/guest">{t('guest')}</NavLink>
          </nav>
          <h2>{title}</h2>
          <p className={shared.muted}>{text}</p>
          {children}
        </main>
      </div>
    </div>
  );
}
