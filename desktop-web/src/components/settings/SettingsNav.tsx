import { useState } from 'react';
import { NavLink } from 'react-router';
import { Icon } from '@/components/common/Icon';
import { SearchField } from '@/components/common/SearchField';
import { useSignOut } from '@/hooks/useSignOut';
import { useAccountStore } from '@/stores/accountStore';
import row from '@/theme/row.module.css';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import { SECTIONS } from './sections';
import styles from './SettingsNav.module.css';

/** The sections of the settings, to go to one. */
export function SettingsNav() {
  const isGuest = useAccountStore((state) => state.account?.isGuest ?? false);
  const [query, setQuery] = useState('');
  const signOut = useSignOut();
  const wanted = query.trim().toLowerCase();
  const sections = SECTIONS.filter(
    ({ forGuests, title, text }) =>
      (forGuests || !isGuest) && `${t(title)} ${t(text)}`.toLowerCase().includes(wanted),
  );
  return (
    <section
      className={classes(shared.glass, shared.panel)}
      data-part="list"
      aria-label={t('settingsSections')}
    >
      <header className={shared.header}>
        <h2 className={classes(shared.title, shared.grow)}>{t('settings')}</h2>
      </header>
      <div className={shared.tools}>
        <SearchField label={t('searchSettings')} value={query} onChange={setQuery} />
      </div>
      <div className={shared.scroll}>
        {sections.length === 0 && <p className={styles.none}>{t('noMatches', { query: query.trim() })}</p>}
        <ul className={shared.rows}>
          {sections.map(({ id, icon, title, text }) => (
            <li key={id}>
              <NavLink className={classes(row.row, styles.item)} to={`/settings/${id}`} replace>
                <span className={styles.mark}>
                  <Icon name={icon} />
                </span>
                <span className={shared.grow}>
                  <span className={classes(shared.block, shared.strong)}>{t(title)}</span>
                  <span className={classes(shared.block, shared.caption, shared.muted, shared.ellipsis)}>
                    {t(text)}
                  </span>
                </span>
              </NavLink>
            </li>
          ))}
        </ul>
      </div>
      <div className={shared.rows}>
        <button type="button" className={styles.signOut} onClick={signOut}>
          <Icon name="exit" />
          {t('signOut')}
        </button>
      </div>
    </section>
  );
}
