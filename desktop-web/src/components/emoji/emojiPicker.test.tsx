import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { loadEmoji } from '@/utils/loadEmoji';
import { EmojiPicker } from './EmojiPicker';

vi.mock('@/utils/loadEmoji', () => ({ loadEmoji: vi.fn<typeof loadEmoji>() }));
vi.mock('@/utils/report', () => ({ report: vi.fn() }));

const FACES = [
  { id: 0, emoji: [{ emoji: '😀', name: 'grinning face', words: 'grinning face', hasTones: false }] },
] as const;

it('says that the emoji could not be loaded, and loads them when it is asked again', async () => {
  vi.mocked(loadEmoji).mockRejectedValueOnce(new TypeError('offline')).mockResolvedValueOnce(FACES);
  render(<EmojiPicker onPick={() => undefined} onClose={() => undefined} />);
  expect(await screen.findByRole('alert')).toHaveTextContent('The emoji could not be loaded.');
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('button', { name: 'grinning face' })).toBeVisible();
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
});
