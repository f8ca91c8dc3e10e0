import { Tag } from '@/components/common/Tag';
import type { TextName } from '@/constants/texts/en';
import type { TriedPath } from '@/stores/latencyStore';
import shared from '@/theme/shared.module.css';
import type { PathAttempt, TransportKind } from '@/types/connection';
import { formatMs } from '@/utils/milliseconds';
import { t } from '@/utils/t';
import { formatClock } from '@/utils/time';
import table from './DataTable.module.css';

interface PathsCardProps {
  /** The newest first. */
  readonly paths: readonly TriedPath[];
}

/** Names of protocols are the same in every language. */
const NAMES: Readonly<Record<TransportKind, string>> = {
  webTransport: 'WebTransport',
  webSocket: 'WebSocket',
};

const OUTCOMES: Readonly<Record<PathAttempt['outcome'], TextName>> = {
  opened: 'pathOpened',
  failed: 'pathFailed',
  late: 'pathLate',
  avoided: 'pathAvoided',
  unavailable: 'pathUnavailable',
};

const TONES: Readonly<Partial<Record<PathAttempt['outcome'], 'ok' | 'warn'>>> = {
  opened: 'ok',
  failed: 'warn',
};

/** Which ways to a node were tried, and how it went. */
export function PathsCard({ paths }: PathsCardProps) {
  if (paths.length === 0) return <p className={shared.muted}>{t('noPaths')}</p>;
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">{t('pathWay')}</th>
          <th scope="col">{t('pathNode')}</th>
          <th scope="col">{t('pathOutcome')}</th>
          <th scope="col" className={table.number}>
            {t('measuredTime')}
          </th>
        </tr>
      </thead>
      <tbody>
        {paths.map(({ id, nodeId, transport, outcome, ms, at }) => {
          const tone = TONES[outcome];
          return (
            <tr key={id}>
              <th scope="row">{NAMES[transport]}</th>
              <td>{nodeId}</td>
              <td>
                <Tag text={t(OUTCOMES[outcome])} {...(tone && { tone })} />
              </td>
              <td className={table.number} title={formatClock(at)}>
                {formatMs(ms)} {ms !== null && t('ms')}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
