import { Icon } from '@/components/common/Icon';
import type { TextName } from '@/constants/texts/en';
import type { WriteBlock } from '@/utils/rights';
import { silenceEnd } from '@/utils/silenceEnd';
import { t } from '@/utils/t';
import styles from './ComposerBlocked.module.css';

const TEXTS: Readonly<Record<WriteBlock, TextName>> = {
  readOnly: 'composerReadOnly',
  notMember: 'composerNotMember',
  silencedAll: 'composerSilencedAll',
  silenced: 'composerSilenced',
};

interface ComposerBlockedProps {
  readonly block: WriteBlock;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** In place of the composer: why nothing can be written. */
export function ComposerBlocked({ block, until, now }: ComposerBlockedProps) {
  const time = block === 'silenced' ? silenceEnd(until, now) : '';
  return (
    <p className={styles.blocked}>
      <Icon name="lock" size="small" />
      {time === null ? t('composerSilencedForEver') : t(TEXTS[block], { time })}
    </p>
  );
}
