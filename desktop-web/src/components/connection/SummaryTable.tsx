import type { TextName } from '@/constants/texts/en';
import type { LatencyState } from '@/stores/latencyStore';
import type { LatencyKind } from '@/types/latency';
import { formatMs } from '@/utils/milliseconds';
import { percentiles } from '@/utils/percentiles';
import { t } from '@/utils/t';
import table from './DataTable.module.css';

interface SummaryTableProps {
  readonly samples: LatencyState['samples'];
}

const KINDS: readonly { readonly kind: LatencyKind; readonly name: TextName }[] = [
  { kind: 'roundTrip', name: 'roundTrip' },
  { kind: 'ack', name: 'sendToAck' },
  { kind: 'delivery', name: 'delivery' },
];

/** Percentiles of everything that is measured, and out of how many. */
export function SummaryTable({ samples }: SummaryTableProps) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">{t('measured')}</th>
          <th scope="col" className={table.number}>
            {t('p50')}
          </th>
          <th scope="col" className={table.number}>
            {t('p95')}
          </th>
          <th scope="col" className={table.number}>
            {t('p99')}
          </th>
          <th scope="col" className={table.number}>
            {t('measuredCount')}
          </th>
        </tr>
      </thead>
      <tbody>
        {KINDS.map(({ kind, name }) => {
          const found = percentiles(samples[kind].map(({ ms }) => ms));
          return (
            <tr key={kind}>
              <th scope="row">{t(name)}</th>
              <td className={table.number}>{formatMs(found?.p50)}</td>
              <td className={table.number}>{formatMs(found?.p95)}</td>
              <td className={table.number}>{formatMs(found?.p99)}</td>
              <td className={table.number}>{samples[kind].length}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
