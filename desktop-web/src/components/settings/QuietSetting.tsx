import { Button } from '@/components/common/Button';
import { formatClock, nextMorning } from '@/utils/time';
import { t } from '@/utils/t';
import styles from './QuietSetting.module.css';
import { SettingRow } from './SettingRow';

const HOUR_MS = 3_600_000;

interface QuietSettingProps {
  /** Nothing notifies until then; times are milliseconds since 1970. */
  readonly until: number;
  readonly now: number;
  readonly onChange: (until: number) => void;
}

/** Rest for a while. */
export function QuietSetting({ until, now, onChange }: QuietSettingProps) {
  const isQuiet = until > now;
  return (
    <SettingRow
      label={t('quiet')}
      hint={isQuiet ? t('quietUntil', { time: formatClock(until) }) : t('quietText')}
    >
      <span className={styles.choices}>
        {isQuiet ? (
          <Button size="small" onClick={() => onChange(0)}>
            {t('quietEnd')}
          </Button>
        ) : (
          <>
            <Button size="small" onClick={() => onChange(Date.now() + HOUR_MS)}>
              {t('quietHour')}
            </Button>
            <Button size="small" onClick={() => onChange(nextMorning(Date.now()))}>
              {t('quietMorning')}
            </Button>
          </>
        )}
      </span>
    </SettingRow>
  );
}
