import { Button } from '@/components/common/Button';
import { useFeedback } from '@/hooks/useFeedback';
import { useRef, useState } from 'react';
import { Avatar } from '@/components/common/Avatar';
import { Icon } from '@/components/common/Icon';
import type { Save } from '@/hooks/useSaving';
import { client } from '@/services/client';
import shared from '@/theme/shared.module.css';
import type { OwnProfile } from '@/types/account';
import { squarePicture } from '@/utils/squarePicture';
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
  const input = useRef<HTMLInputElement>(null);
  const [pending, setPending] = useState(false);
  const set = async (picture: Blob | null) => {
    setPending(true);
    const failure = await save(async () => onSaved(await client.setPicture(picture)));
    setPending(false);
    if (failure !== null) void message.error(errorText(failure));
  };
  const choose = async (file: File | undefined) => {
    if (!file) return;
    const picture = await squarePicture(file).catch(() => null);
    if (picture) await set(picture);
    else void message.error(t('pictureUnreadable'));
  };
  return (
    <div className={styles.picture}>
      <Avatar id={profile.userId} name={profile.nickname} size={72} ring picture={profile.avatar} />
      <span className={shared.grow}>
        <b className={styles.name}>{profile.nickname}</b>
        <span className={styles.help}>{t('pictureHelp')}</span>
      </span>
      <span className={styles.actions}>
        <Button
          size="small"
          icon={<Icon name="camera" size="small" />}
          loading={pending}
          onClick={() => input.current?.click()}
        >
          {t('changePicture')}
        </Button>
        {profile.avatar && (
          <Button size="small" type="text" disabled={pending} onClick={() => void set(null)}>
            {t('removePicture')}
          </Button>
        )}
      </span>
      <input
        ref={input}
        type="file"
        accept="image/png,image/jpeg,image/webp,image/gif"
        hidden
        aria-label={t('changePicture')}
        onChange={(event) => {
          void choose(event.target.files?.[0]);
          // The same file again is another choice.
          event.target.value = '';
        }}
      />
    </div>
  );
}
