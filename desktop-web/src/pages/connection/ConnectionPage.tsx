import { useState } from 'react';
import { CopyDiagnostics } from '@/components/connection/CopyDiagnostics';
import { PathsCard } from '@/components/connection/PathsCard';
import { RoundTripChart } from '@/components/connection/RoundTripChart';
import { RoundTripTable } from '@/components/connection/RoundTripTable';
import { SpanPicker, type Span } from '@/components/connection/SpanPicker';
import { StagesCard } from '@/components/connection/StagesCard';
import { StatCard } from '@/components/connection/StatCard';
import { SummaryTable } from '@/components/connection/SummaryTable';
import { TransportTag } from '@/components/connection/TransportTag';
import { ConnectionBanner } from '@/components/session/ConnectionBanner';
import { useMeasuring } from '@/hooks/useMeasuring';
import { useNow } from '@/hooks/useNow';
import { useLatencyStore } from '@/stores/latencyStore';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { formatMs } from '@/utils/milliseconds';
import { jitter, percentiles } from '@/utils/percentiles';
import { TARGET_MS } from '@/utils/roundTrips';
import { t } from '@/utils/t';
import styles from './ConnectionPage.module.css';

const MINUTE_MS = 60_000;

const FIVE_MINUTES: Span = {
  name: 'fiveMinutes',
  since: 'fiveMinutesAgo',
  ms: 5 * MINUTE_MS,
  periodMs: MINUTE_MS,
};
const HOUR: Span = { name: 'oneHour', since: 'oneHourAgo', ms: 60 * MINUTE_MS, periodMs: 10 * MINUTE_MS };
const SPANS = [FIVE_MINUTES, HOUR];

/** Of the last round trips that say whether the connection is steady. */
const RECENT = 20;

/** A connection that varies more than that is felt, milliseconds. */
const STEADY_MS = 15;

/** How the connection is, in numbers: for who wonders and for who has to find out. */
export function ConnectionPage() {
  useMeasuring();
  const now = useNow(1_000);
  const [span, setSpan] = useState<Span>(FIVE_MINUTES);
  const { samples, deliveryErrorMs, timing, paths, session, reconnects } = useLatencyStore();
  const recent = samples.roundTrip.slice(-RECENT).map(({ ms }) => ms);
  const delivery = percentiles(samples.delivery.map(({ ms }) => ms));
  const wobble = jitter(recent);
  const isSteady = wobble !== null && wobble <= STEADY_MS;
  const isOnTarget = delivery !== null && delivery.p99 <= TARGET_MS;
  return (
    <main className={classes(shared.glass, shared.panel)} data-part="main" aria-labelledby="connection-title">
      <header className={shared.header}>
        <h1 id="connection-title" className={classes(shared.title, shared.grow, shared.ellipsis)}>
          {t('connectionTitle')}
        </h1>
        <TransportTag />
        <span className={styles.headerSpan}>
          <SpanPicker spans={SPANS} chosen={span} onChoose={setSpan} />
        </span>
        <CopyDiagnostics />
      </header>
      <ConnectionBanner />
      <div className={shared.scroll}>
        <div className={styles.page}>
          <div className={styles.stats}>
            <StatCard
              label={t('roundTrip')}
              ms={percentiles(recent)?.p50 ?? null}
              verdict={
                wobble === null
                  ? null
                  : { text: t(isSteady ? 'steady' : 'unsteady'), tone: isSteady ? 'ok' : 'warn' }
              }
              note={t('jitterMs', { ms: formatMs(wobble) })}
            />
            <StatCard
              label={t('deliveryP50')}
              ms={delivery?.p50 ?? null}
              note={
                delivery
                  ? t('deliveryNote', { p95: formatMs(delivery.p95), error: formatMs(deliveryErrorMs) })
                  : t('nothingDelivered')
              }
            />
            <StatCard
              label={t('deliveryP99')}
              ms={delivery?.p99 ?? null}
              verdict={
                delivery && {
                  text: t(isOnTarget ? 'onTarget' : 'overTarget'),
                  tone: isOnTarget ? 'ok' : 'warn',
                }
              }
              note={t('targetMs', { ms: TARGET_MS })}
            />
            <StatCard
              label={t('opening')}
              ms={session?.openMs ?? null}
              note={t('openingNote', { node: session?.nodeId ?? '–', count: reconnects })}
            />
          </div>
          <section className={styles.card}>
            <h2>
              {t('roundTrip')} <small>{t('chartNote', { span: t(span.name) })}</small>
            </h2>
            <div className={styles.chartTools}>
              <SpanPicker spans={SPANS} chosen={span} onChoose={setSpan} />
            </div>
            <RoundTripChart samples={samples.roundTrip} spanMs={span.ms} since={t(span.since)} now={now} />
            <RoundTripTable samples={samples.roundTrip} spanMs={span.ms} periodMs={span.periodMs} now={now} />
          </section>
          <div className={styles.cards}>
            <section className={styles.card}>
              <h2>{t('stages')}</h2>
              <StagesCard timing={timing} />
            </section>
            <section className={styles.card}>
              <h2>{t('paths')}</h2>
              <PathsCard paths={paths} />
            </section>
          </div>
          <section className={styles.card}>
            <h2>
              {t('summary')} <small>{t('summaryNote')}</small>
            </h2>
            <SummaryTable samples={samples} />
          </section>
        </div>
      </div>
    </main>
  );
}
