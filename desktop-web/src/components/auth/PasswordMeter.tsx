import { classes } from '@/utils/classes';
import { passwordStrength } from '@/utils/passwordStrength';
import { t } from '@/utils/t';
import styles from './PasswordMeter.module.css';

interface PasswordMeterProps {
  readonly password: string;
  /** What a password must not be made of: the own names. */
  readonly names: readonly string[];
}

const WORDS = [null, 'strengthWeak', 'strengthFair', 'strengthGood', 'strengthStrong'] as const;

/** A hint how hard the password is to guess; in words too. */
export function PasswordMeter({ password, names }: PasswordMeterProps) {
  const strength = passwordStrength(password, names);
  const word = WORDS[strength];
  return (
    <div className={styles.meter}>
      <progress className={styles.bar} max={4} value={strength} aria-label={t('passwordStrength')} />
      <p className={styles.text} role="status">
        {word && <b className={classes(styles.word, strength > 2 && styles.good)}>{t(word)} </b>}
        {t('passwordHelp')}
      </p>
    </div>
  );
}
