import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { applyEvent } from '@/stores/applyEvent';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT } from '@/test/people';
import { renderAt } from '@/test/render';
import { Rail } from './Rail';

vi.mock('@/services/client', () => ({ client: fakeClient }));

beforeEach(() => {
  resetClient();
  applyEvent({ type: 'signedIn', account: ACCOUNT });
});

describe('the account menu', () => {
  it('signs out after asking only', async () => {
    renderAt(<Rail />);
    const choose = async () => {
      await userEvent.click(screen.getByRole('button', { name: /^Account of/ }));
      await userEvent.click(screen.getByRole('menuitem', { name: 'Sign out' }));
    };
    await choose();
    await screen.findByRole('dialog', { name: 'Sign out here?' });
    await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(fakeClient.signOut).not.toHaveBeenCalled();
    await choose();
    await userEvent.click(await screen.findByRole('button', { name: 'Sign out' }));
    expect(fakeClient.signOut).toHaveBeenCalledOnce();
  });
});
