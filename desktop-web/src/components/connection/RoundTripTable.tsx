import type { Sample } from '@/types/latency';
import { formatMs } from '@/utils/milliseconds';
import { periodsOf } from '@/utils/roundTrips';
import { t } from '@/utils/t';
import { formatClock } from '@/utils/time';
import styles from './RoundTripTable.module.css';
import table from './DataTable.module.css';

interface RoundTripTableProps {
  readonly samples: readonly Sample[];
  readonly spanMs: number;
  /** Of one row. */
  readonly periodMs: number;
  readonly now: number;
}

/** What the chart shows, for who cannot see it or wants the numbers. */
export function RoundTripTable({ samples, spanMs, periodMs, now }: RoundTripTableProps) {
  const periods = periodsOf(samples, spanMs, periodMs, now);
  if (periods.length === 0) return null;
  return (
    <details className={styles.details}>
      <summary>{t('asTable')}</summary>
      <table className={table.table}>
        <caption className={styles.caption}>{t('tableOfRoundTrips')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('measuredTime')}</th>
            <th scope="col" className={table.number}>
              {t('measurements')}
            </th>
            <th scope="col" className={table.number}>
              {t('fastestMs')}
            </th>
            <th scope="col" className={table.number}>
              {t('slowestMs')}
            </th>
          </tr>
        </thead>
        <tbody>
          {periods.map(({ at, count, fastest, slowest }) => (
            <tr key={at}>
              <th scope="row">{formatClock(at)}</th>
              <td className={table.number}>{count}</td>
              <td className={table.number}>{formatMs(fastest)}</td>
              <td className={table.number}>{formatMs(slowest)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
