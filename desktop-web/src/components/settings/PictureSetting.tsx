import { useState } from 'react';
import { Avatar } from '@/components/common/Avatar';
import { PictureChooser } from '@/components/common/PictureChooser';
import { useFeedback } from '@/hooks/useFeedback';
import type { Save } from '@/hooks/useSaving';
import { client } from '@/services/client';
import shared from '@/theme/shared.module.css';
import type { OwnProfile } from '@/types/account';
import { errorText, t } from '@/utils/t';
import styles from './PictureSetting.module.css';

interface PictureSettingProps {
  readonly profile: OwnProfile;
  readonly save: Save;
  readonly onSaved: (profile: OwnProfile) => void;
}

/** The own picture: another one, or none. */
export function PictureSetting({ profile, save, onSaved }: PictureSettingProps) {
  const { message } = useFeedback();
  const [pending, setPending] = useState(false);
  const set = async (picture: Blob | null) => {
    setPending(true);
    const failure = await save(async () => onSaved(await client.setPicture(picture)));
    setPending(false);
    if (failure !== null) void message.error(errorText(failure));
  };
  return (
    <div className={styles.picture}>
      <Avatar id={profile.userId} name={profile.nickname} size={72} ring picture={profile.avatar} />
      <span className={shared.grow}>
        <b className={styles.name}>{profile.nickname}</b>
        <span className={styles.help}>{t('pictureHelp')}</span>
      </span>
      <PictureChooser
        pending={pending}
        removable={profile.avatar !== ''}
        onChoose={(picture) => void set(picture)}
      />
    </div>
  );
}
