import { useId } from 'react';
import type { Sample } from '@/types/latency';
import { formatMs } from '@/utils/milliseconds';
import { CHART_HEIGHT, CHART_WIDTH, drawRoundTrips, TARGET_MS } from '@/utils/roundTrips';
import { t } from '@/utils/t';
import { formatClock } from '@/utils/time';
import styles from './RoundTripChart.module.css';

interface RoundTripChartProps {
  readonly samples: readonly Sample[];
  readonly spanMs: number;
  /** What `spanMs` is called at the left end. */
  readonly since: string;
  readonly now: number;
}

/** Round trips over time with the target as a dashed line. The table below it says the same in words. */
export function RoundTripChart({ samples, spanMs, since, now }: RoundTripChartProps) {
  const id = useId();
  const { line, area, scale, targetY, peak } = drawRoundTrips(samples, spanMs, now);
  const percent = (value: number, of: number) => `${(value / of) * 100}%`;
  const peakText =
    peak && t('chartPeak', { ms: formatMs(peak.sample.ms), time: formatClock(peak.sample.at) });
  return (
    <>
      <div className={styles.row}>
        <svg className={styles.chart} aria-hidden="true">
          {scale.map(({ ms, y }) => (
            <text key={ms} x="100%" y={percent(y, CHART_HEIGHT)} dy="4" textAnchor="end">
              {formatMs(ms)}
            </text>
          ))}
        </svg>
        <svg
          className={styles.chart}
          role="img"
          aria-label={peakText ? t('chartLabel', { peak: peakText }) : t('chartEmpty')}
        >
          <defs>
            <linearGradient id={`${id}-line`} gradientUnits="userSpaceOnUse" x1="0" x2={CHART_WIDTH}>
              <stop className={styles.from} offset="0" />
              <stop className={styles.to} offset="1" />
            </linearGradient>
            <linearGradient id={`${id}-area`} x1="0" y1="0" x2="0" y2="1">
              <stop className={styles.area} offset="0" />
              <stop className={styles.none} offset="1" />
            </linearGradient>
          </defs>
          <svg
            viewBox={`0 0 ${CHART_WIDTH} ${CHART_HEIGHT}`}
            width="100%"
            height="100%"
            preserveAspectRatio="none"
          >
            {scale.map(({ ms, y }) => (
              <path
                key={ms}
                className={styles.grid}
                d={`M0 ${y}h${CHART_WIDTH}`}
                vectorEffect="non-scaling-stroke"
              />
            ))}
            <path
              className={styles.dashes}
              d={`M0 ${targetY}h${CHART_WIDTH}`}
              vectorEffect="non-scaling-stroke"
            />
            <path d={area} fill={`url(#${id}-area)`} />
            <path
              className={styles.line}
              d={line}
              stroke={`url(#${id}-line)`}
              vectorEffect="non-scaling-stroke"
            />
          </svg>
          <text
            className={styles.target}
            x="100%"
            y={percent(targetY, CHART_HEIGHT)}
            dy="-6"
            textAnchor="end"
          >
            {t('targetMs', { ms: TARGET_MS })}
          </text>
          {peak && (
            <text
              className={styles.peak}
              x={percent(peak.x, CHART_WIDTH)}
              y={percent(peak.y, CHART_HEIGHT)}
              dx={peak.x > CHART_WIDTH / 2 ? -8 : 8}
              dy={peak.y < CHART_HEIGHT / 4 ? 16 : -8}
              textAnchor={peak.x > CHART_WIDTH / 2 ? 'end' : 'start'}
            >
              {peakText}
            </text>
          )}
        </svg>
      </div>
      <div className={styles.axis}>
        <span>{since}</span>
        <span>{t('chartNow')}</span>
      </div>
    </>
  );
}
