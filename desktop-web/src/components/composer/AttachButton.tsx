import { useRef, type ChangeEvent } from 'react';
import { IconButton } from '@/components/common/IconButton';
import { t } from '@/utils/t';
import styles from './AttachButton.module.css';

interface AttachButtonProps {
  readonly onFiles: (files: readonly File[]) => void;
}

/** Chooses files of this device. */
export function AttachButton({ onFiles }: AttachButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  const choose = ({ target }: ChangeEvent<HTMLInputElement>) => {
    const files = [...(target.files ?? [])];
    // The same file may be chosen again.
    target.value = '';
    onFiles(files);
  };
  return (
    <>
      <input
        ref={input}
        className={styles.input}
        type="file"
        multiple
        tabIndex={-1}
        aria-label={t('attach')}
        onChange={choose}
      />
      <IconButton icon="attach" label={t('attach')} onClick={() => input.current?.click()} />
    </>
  );
}
