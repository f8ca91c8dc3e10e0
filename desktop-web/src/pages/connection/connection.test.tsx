import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { applyEvent } from '@/stores/applyEvent';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT } from '@/test/people';
import { renderAt } from '@/test/render';
import type { LatencyKind } from '@/types/latency';
import { ConnectionPage } from './ConnectionPage';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const happens = (...events: readonly Parameters<typeof applyEvent>[0][]) =>
  act(() => events.forEach(applyEvent));
/** All at one time, so that a table by minutes has one row of them. */
const measured = (kind: LatencyKind, ...all: readonly number[]) => {
  const at = Date.now();
  happens(...all.map((ms) => ({ type: 'latencyMeasured' as const, kind, ms, at, errorMs: 2 })));
};
const card = (name: string) => {
  const section = screen.getByRole('heading', { name }).closest('section');
  if (!section) throw new Error(`${name} is in no section`);
  return within(section);
};

beforeEach(() => {
  resetClient();
  applyEvent({ type: 'signedIn', account: ACCOUNT });
});

/** H15 */
describe('the connection page', () => {
  it('says what it does not know', () => {
    renderAt(<ConnectionPage />);
    expect(screen.getByText('Not connected')).toBeVisible();
    expect(card('Delivery p99').getByText('–')).toBeVisible();
    expect(screen.getByRole('img', { name: /Nothing was measured yet/ })).toBeVisible();
    expect(screen.getByText('Send a message to see where its time goes.')).toBeVisible();
  });

  it('has the round trip measured while it is seen', () => {
    renderAt(<ConnectionPage />);
    expect(fakeClient.measure).toHaveBeenCalledOnce();
  });

  it('shows the transport, the node, and the numbers of the last 1,000', () => {
    renderAt(<ConnectionPage />);
    happens(
      { type: 'connectionChanged', connection: { phase: 'online', transport: 'webTransport' } },
      {
        type: 'sessionOpened',
        nodeId: 'access-7',
        transport: 'webTransport',
        openMs: 38,
        reconnects: 2,
        at: Date.now(),
      },
    );
    measured('delivery', ...Array.from({ length: 1_100 }, (_, at) => (at + 1) / 25));
    measured('roundTrip', 18);
    expect(screen.getByText('WebTransport')).toBeVisible();
    expect(screen.getByText('access-7 · reconnects 2')).toBeVisible();
    expect(card('Delivery p50').getByText('24')).toBeVisible();
    expect(card('Delivery p99').getByText('On target', { exact: false })).toBeVisible();
    const row = screen.getByRole('row', { name: /^Delivery, end to end/ });
    expect(
      within(row)
        .getAllByRole('cell')
        .map(({ textContent }) => textContent),
    ).toEqual(['24', '42', '44', '1000']);
  });

  it('says in a table what the chart shows', async () => {
    renderAt(<ConnectionPage />);
    measured('roundTrip', 18, 47);
    expect(screen.getByRole('img', { name: /Slowest: 47 ms/ })).toBeVisible();
    await userEvent.click(screen.getByText('Show as a table'));
    const table = screen.getByRole('table', { name: 'Round trips by time' });
    expect(
      within(table)
        .getAllByRole('cell')
        .map(({ textContent }) => textContent),
    ).toEqual(['2', '18', '47']);
  });

  it('shows where the time of the last message went, and which ways were tried', () => {
    renderAt(<ConnectionPage />);
    happens(
      {
        type: 'stagesMeasured',
        timing: { waitedMs: 2, ackMs: 18, thereMs: 11, errorMs: 3, ackedAt: 0, reachedMs: null },
      },
      {
        type: 'pathsTried',
        at: Date.now(),
        paths: [
          { nodeId: 'access-1', transport: 'webTransport', outcome: 'late', ms: 1_000 },
          { nodeId: 'access-1', transport: 'webSocket', outcome: 'opened', ms: 9 },
        ],
      },
    );
    const stages = card('Your last message');
    expect(stages.getByText('11 ms')).toBeVisible();
    expect(stages.getByText('7 ms')).toBeVisible();
    expect(stages.getByText(/±3 ms/)).toBeVisible();
    expect(screen.getByRole('row', { name: /WebTransport access-1 Slower/ })).toBeVisible();
    expect(screen.getByRole('row', { name: /WebSocket access-1 Used/ })).toBeVisible();
  });

  it('copies what helps to find out what is wrong', async () => {
    renderAt(<ConnectionPage />);
    const user = userEvent.setup();
    await user.click(screen.getByRole('button', { name: 'Copy diagnostics' }));
    const copied = await navigator.clipboard.readText();
    expect(copied).toContain('round trip: p50 / p95 / p99');
    expect(copied).not.toContain(ACCOUNT.userId + ',');
    expect(copied).not.toContain(ACCOUNT.profile.username);
  });
});
