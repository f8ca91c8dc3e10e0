import { act, renderHook, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useFeedback } from '@/hooks/useFeedback';
import { renderAt } from '@/test/render';

const { message, modal } = renderHook(() => useFeedback()).result.current;

const pass = (ms: number) =>
  act(() => {
    vi.advanceTimersByTime(ms);
  });

describe('toasts', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    renderAt(<p>page</p>);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('go by themselves, those about errors later', () => {
    act(() => {
      message.success('Copied.');
      message.error('Refused.');
    });
    expect(screen.getByText('Copied.')).toBeVisible();
    pass(3_000);
    expect(screen.queryByText('Copied.')).not.toBeInTheDocument();
    expect(screen.getByText('Refused.')).toBeVisible();
    pass(2_000);
    expect(screen.queryByText('Refused.')).not.toBeInTheDocument();
  });

  it('with a key stay until they are taken away, and replace each other', () => {
    act(() => {
      message.open({ key: 'undo', duration: 0, content: 'one' });
      message.open({ key: 'undo', duration: 0, content: 'two' });
      vi.advanceTimersByTime(60_000);
    });
    expect(screen.queryByText('one')).not.toBeInTheDocument();
    expect(screen.getByText('two')).toBeVisible();
    act(() => message.destroy('undo'));
    expect(screen.queryByText('two')).not.toBeInTheDocument();
  });
});

describe('a question', () => {
  const question = { title: 'Delete it?', content: 'For ever.', okText: 'Delete', cancelText: 'Cancel' };

  it('stays until what was confirmed is done', async () => {
    renderAt(<p>page</p>);
    let finish: () => void = () => undefined;
    const onOk = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
    act(() => modal.confirm({ ...question, onOk }));
    await userEvent.click(screen.getByRole('button', { name: 'Delete' }));
    expect(onOk).toHaveBeenCalledOnce();
    expect(screen.getByRole('dialog', { name: 'Delete it?' })).toBeVisible();
    await act(() => Promise.resolve(finish()));
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });

  it('does nothing when it is declined', async () => {
    renderAt(<p>page</p>);
    const onOk = vi.fn();
    const onCancel = vi.fn();
    act(() => modal.confirm({ ...question, onOk, onCancel }));
    await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    expect(onOk).not.toHaveBeenCalled();
    expect(onCancel).toHaveBeenCalledOnce();
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });
});
