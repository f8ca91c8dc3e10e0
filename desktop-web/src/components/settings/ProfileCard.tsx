import { IconButton } from '@/components/common/IconButton';
import { useCopy } from '@/hooks/useCopy';
import { useLoaded } from '@/hooks/useLoaded';
import type { Save } from '@/hooks/useSaving';
import { client } from '@/services/client';
import type { ProfileUpdate } from '@/types/account';
import { errorText, t } from '@/utils/t';
import { CardState } from './CardState';
import { EmailField } from './EmailField';
import { PictureSetting } from './PictureSetting';
import { ProfileField } from './ProfileField';
import { SettingRow } from './SettingRow';
import { SettingsCard } from './SettingsCard';
import styles from './ProfileCard.module.css';

/** Characters at most, as the server has them. */
const MAX_NAME = 64;
const MAX_PHONE = 32;

const load = () => client.ownProfile();

interface ProfileCardProps {
  readonly save: Save;
}

/** Who one is to others: picture, name, contact. Each is saved when it is left, but for the mail address. */
export function ProfileCard({ save }: ProfileCardProps) {
  const copy = useCopy();
  const loaded = useLoaded(load);
  const profile = loaded.value;
  const update = async (change: ProfileUpdate) => {
    const failure = await save(async () => loaded.set(await client.updateProfile(change)));
    return failure === null ? null : errorText(failure);
  };
  const changeEmail = async (email: string, password: string) => {
    const changed = client.updateProfile({ email, password });
    await save(async () => loaded.set(await changed));
    // Its form shows why not, and for how long to wait.
    await changed;
  };
  return (
    <SettingsCard section="profile" icon="user" title={t('profile')}>
      <CardState loaded={loaded} rows={5} />
      {profile && (
        <>
          <PictureSetting profile={profile} save={save} onSaved={loaded.set} />
          <div className={styles.fields}>
            <ProfileField
              label={t('displayName')}
              autoComplete="nickname"
              value={profile.nickname}
              maxLength={MAX_NAME}
              problem={(name) => (name === '' ? t('nameRequired') : null)}
              onSave={(nickname) => update({ nickname })}
            />
            <EmailField value={profile.email} onSave={changeEmail} />
            <ProfileField
              label={t('phone')}
              type="tel"
              autoComplete="tel"
              value={profile.phone}
              maxLength={MAX_PHONE}
              problem={() => null}
              onSave={(phone) => update({ phone })}
            />
          </div>
          <SettingRow label={t('username')} hint={`@${profile.username}`}>
            <IconButton
              icon="copy"
              label={t('copyUsername')}
              onClick={() => void copy(profile.username, t('usernameCopied'))}
            />
          </SettingRow>
        </>
      )}
    </SettingsCard>
  );
}
