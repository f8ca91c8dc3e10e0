import { Button } from '@/components/common/Button';
import { useFeedback } from '@/hooks/useFeedback';
import { Avatar } from '@/components/common/Avatar';
import { useLoaded } from '@/hooks/useLoaded';
import type { Save } from '@/hooks/useSaving';
import { client } from '@/services/client';
import shared from '@/theme/shared.module.css';
import type { Blocked } from '@/types/account';
import { errorText, t } from '@/utils/t';
import { formatDate } from '@/utils/time';
import { CardState } from './CardState';
import { SettingRow } from './SettingRow';
import { SettingsCard } from './SettingsCard';

const load = () => client.blockedPeople();

interface BlockedCardProps {
  readonly save: Save;
}

/** Whom the user has blocked, and the way back. */
export function BlockedCard({ save }: BlockedCardProps) {
  const { message } = useFeedback();
  const loaded = useLoaded(load);
  const people = loaded.value;
  const unblock = async ({ userId }: Blocked, name: string) => {
    const failure = await save(() => client.unblock(userId));
    if (failure !== null) return void message.error(errorText(failure));
    loaded.set((shown) => shown?.filter((one) => one.userId !== userId));
    void message.success(t('unblocked', { name }));
  };
  return (
    <SettingsCard section="blocked" icon="slash" title={t('sectionBlocked')}>
      <CardState loaded={loaded} rows={2} />
      {people?.length === 0 && <p className={shared.muted}>{t('noBlocked')}</p>}
      <ul>
        {people?.map((one) => {
          const { profile, createdAt, userId } = one;
          const name = profile.nickname || profile.username;
          return (
            <li key={userId}>
              <SettingRow
                label={<b>{name}</b>}
                hint={t('blockedSince', { username: profile.username, date: formatDate(createdAt) })}
                leading={<Avatar id={userId} name={name} picture={profile.avatar} />}
              >
                <Button
                  size="small"
                  aria-label={t('unblockNamed', { name })}
                  onClick={() => void unblock(one, name)}
                >
                  {t('unblock')}
                </Button>
              </SettingRow>
            </li>
          );
        })}
      </ul>
    </SettingsCard>
  );
}
