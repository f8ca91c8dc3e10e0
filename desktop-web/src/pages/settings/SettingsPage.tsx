import { useEffect } from 'react';
import { useParams } from 'react-router';
import { AboutCard } from '@/components/settings/AboutCard';
import { AppearanceCard } from '@/components/settings/AppearanceCard';
import { BlockedCard } from '@/components/settings/BlockedCard';
import { DevicesCard } from '@/components/settings/DevicesCard';
import { GuestCard } from '@/components/settings/GuestCard';
import { NotificationCard } from '@/components/settings/NotificationCard';
import { PasswordCard } from '@/components/settings/PasswordCard';
import { PrivacyCard } from '@/components/settings/PrivacyCard';
import { ProfileCard } from '@/components/settings/ProfileCard';
import { headingId } from '@/components/settings/SettingsCard';
import { SettingsNav } from '@/components/settings/SettingsNav';
import { StorageCard } from '@/components/settings/StorageCard';
import { ConnectionBanner } from '@/components/session/ConnectionBanner';
import { useSaving } from '@/hooks/useSaving';
import { useAccountStore } from '@/stores/accountStore';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './SettingsPage.module.css';

const WORDS = { idle: 'savesItself', saving: 'saving', saved: 'saved' } as const;

/** Everything about the account and this device. The address names the section that is gone to. */
export function SettingsPage() {
  const { section } = useParams();
  const isGuest = useAccountStore((state) => state.account?.isGuest ?? false);
  const { state, save } = useSaving();
  useEffect(() => {
    if (!section) return;
    const heading = document.getElementById(headingId(section));
    heading?.scrollIntoView({ block: 'start' });
    heading?.focus({ preventScroll: true });
  }, [section]);
  return (
    <>
      <SettingsNav />
      <main className={classes(shared.glass, shared.panel, styles.main)} data-part="main">
        <header className={classes(shared.header, shared.headerLine)}>
          <h1 className={classes(shared.title, shared.grow)}>{t('settings')}</h1>
          <span className={classes(shared.caption, shared.faint)} role="status">
            {t(WORDS[state])}
          </span>
        </header>
        <ConnectionBanner />
        <div className={shared.scroll}>
          <div className={styles.cards}>
            <div className={styles.stack}>
              {isGuest ? <GuestCard /> : <ProfileCard save={save} />}
              {!isGuest && (
                <>
                  <DevicesCard save={save} />
                  <PrivacyCard save={save} />
                  <BlockedCard save={save} />
                </>
              )}
            </div>
            <div className={styles.stack}>
              <AppearanceCard />
              <NotificationCard />
              {!isGuest && <PasswordCard />}
              <StorageCard save={save} />
              <AboutCard />
            </div>
          </div>
        </div>
      </main>
    </>
  );
}
