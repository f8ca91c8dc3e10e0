import { useRef } from 'react';
import { useFeedback } from '@/hooks/useFeedback';
import { squarePicture } from '@/utils/squarePicture';
import { t } from '@/utils/t';
import { Button } from './Button';
import { Icon } from './Icon';
import styles from './PictureChooser.module.css';

interface PictureChooserProps {
  readonly pending: boolean;
  /** There is one that can be taken away. */
  readonly removable: boolean;
  readonly onChoose: (picture: Blob | null) => void;
}

/** Takes a picture of this device, cut to a square, or takes it away. */
export function PictureChooser({ pending, removable, onChoose }: PictureChooserProps) {
  const { message } = useFeedback();
  const input = useRef<HTMLInputElement>(null);
  const choose = async (file: File | undefined) => {
    if (!file) return;
    const picture = await squarePicture(file).catch(() => null);
    if (picture) onChoose(picture);
    else void message.error(t('pictureUnreadable'));
  };
  return (
    <span className={styles.actions}>
      <Button
        size="small"
        icon={<Icon name="camera" size="small" />}
        loading={pending}
        onClick={() => input.current?.click()}
      >
        {t('changePicture')}
      </Button>
      {removable && (
        <Button size="small" type="text" disabled={pending} onClick={() => onChoose(null)}>
          {t('removePicture')}
        </Button>
      )}
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
    </span>
  );
}
