import type { TextName } from '@/constants/texts/en';
import shared from '@/theme/shared.module.css';
import type { MessageTiming } from '@/types/latency';
import { formatMs } from '@/utils/milliseconds';
import { t } from '@/utils/t';
import styles from './StagesCard.module.css';

interface StagesCardProps {
  readonly timing: MessageTiming | null;
}

interface Stage {
  readonly name: TextName;
  /** Null: not known, or not yet. */
  readonly ms: number | null;
  /** What the stages before it took. */
  readonly from: number;
}

/** Where the time of the last own message went. */
export function StagesCard({ timing }: StagesCardProps) {
  if (!timing) return <p className={shared.muted}>{t('noStages')}</p>;
  const stages = stagesOf(timing);
  const total = Math.max(
    1,
    stages.reduce((sum, { ms }) => sum + (ms ?? 0), 0),
  );
  return (
    <>
      <div className={styles.stages}>
        {stages.map(({ name, ms, from }) => (
          <div key={name} className={styles.stage}>
            <span className={shared.ellipsis}>{t(name)}</span>
            <svg className={styles.bar} viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">
              <rect className={styles.track} width="100" height="12" rx="2" />
              {ms !== null && (
                <rect
                  className={styles.part}
                  x={(from / total) * 100}
                  width={Math.max(1, (ms / total) * 100)}
                  height="12"
                  rx="1.5"
                />
              )}
            </svg>
            <span className={styles.number}>
              {formatMs(ms)} {ms !== null && t('ms')}
            </span>
          </div>
        ))}
      </div>
      {timing.errorMs !== null && (
        <p className={styles.note}>{t('stagesError', { ms: formatMs(timing.errorMs) })}</p>
      )}
    </>
  );
}

function stagesOf({ waitedMs, ackMs, thereMs, reachedMs }: MessageTiming): readonly Stage[] {
  const acked = waitedMs + ackMs;
  const sent: readonly Stage[] =
    thereMs === null
      ? [{ name: 'stageAck', ms: ackMs, from: waitedMs }]
      : [
          { name: 'stageThere', ms: thereMs, from: waitedMs },
          { name: 'stageBack', ms: ackMs - thereMs, from: waitedMs + thereMs },
        ];
  return [
    { name: 'stageWaited', ms: waitedMs, from: 0 },
    ...sent,
    { name: 'stageReached', ms: reachedMs, from: acked },
  ];
}
