import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Code, EntryType } from '@/protocol/codes';
import { ApiError } from '@/services/api/apiError';
import { applyEvent } from '@/stores/applyEvent';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, BOB, makeConversation, makeFriend } from '@/test/people';
import { renderAt } from '@/test/render';
import { makeEntry } from '@/test/serverFrames';
import type { FileInfo } from '@/types/file';
import { asConversationId } from '@/types/ids';
import { fileMessage } from '@/utils/fileMessage';
import { ChatsPage } from '@/pages/chats/ChatsPage';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const CHAT = asConversationId('70');
const PHOTO: FileInfo = {
  fileId: 'f1',
  name: 'sea.jpg',
  mime: 'image/jpeg',
  size: 1_234_567,
  sha256: '00'.repeat(32),
  createdAt: 0,
  width: 4_000,
  height: 3_000,
  url: '/api/v1/files/f1/original?e=1&s=x',
  thumbnailUrl: '/api/v1/files/f1/thumbnail?e=1&s=y',
  urlExpiresAt: null,
};
const PLAN: FileInfo = { ...PHOTO, name: 'plan.pdf', mime: 'application/pdf', width: null, height: null };

function show(file: FileInfo) {
  const entry = makeEntry(CHAT, 1, { senderId: BOB.userId, ...fileMessage(file) });
  applyEvent({ type: 'conversationsChanged', conversations: [makeConversation(CHAT, 1)] });
  applyEvent({
    type: 'logOpened',
    page: { conversationId: CHAT, entries: [entry], about: [], first: true, last: true },
  });
  renderAt(<ChatsPage />, '/chats/70', '/chats/:conversationId?');
}

beforeEach(() => {
  resetClient();
  applyEvent({ type: 'signedIn', account: ACCOUNT });
  applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB)] });
  applyEvent({ type: 'localDataLoaded', conversations: [], pending: [] });
});

/** D15 */
describe('messages about files', () => {
  it('says what the server says of the file', () => {
    expect(fileMessage(PHOTO)).toEqual({
      type: EntryType.Image,
      text: '{"fileId":"f1","mime":"image/jpeg","size":1234567,"width":4000,"height":3000}',
    });
    expect(fileMessage(PLAN).type).toBe(EntryType.File);
  });

  it('shows a small picture that opens the whole one', async () => {
    fakeClient.fileInfo.mockResolvedValue(PHOTO);
    show(PHOTO);
    const picture = await screen.findByRole('img', { name: 'Photo' });
    expect(picture).toHaveAttribute('src', PHOTO.thumbnailUrl);
    expect(picture.closest('a')).toHaveAttribute('href', PHOTO.url);
  });

  it('offers a file with its name and size', async () => {
    fakeClient.fileInfo.mockResolvedValue(PLAN);
    show(PLAN);
    const link = await screen.findByRole('link', { name: /plan\.pdf/ });
    expect(link).toHaveAttribute('href', PLAN.url);
    expect(link).toHaveTextContent('1.2 MB');
  });

  it('shows words where the file is not there any more', async () => {
    fakeClient.fileInfo.mockRejectedValue(new ApiError(Code.FileNotFound, 'gone', 404));
    show(PHOTO);
    expect(await screen.findByText('[Photo]', { selector: 'article *' })).toBeVisible();
  });

  it('sends what was chosen, and says why it was refused', async () => {
    fakeClient.fileInfo.mockResolvedValue(PHOTO);
    show(PHOTO);
    const file = new File(['x'], 'a.txt', { type: 'text/plain' });
    const input = screen.getByLabelText('Attach a file', { selector: 'input' });
    await userEvent.upload(input, file);
    expect(fakeClient.sendFile).toHaveBeenCalledExactlyOnceWith(CHAT, file, expect.any(Function));
    fakeClient.sendFile.mockRejectedValue(new ApiError(Code.FileTooLarge, 'too large', 413));
    await userEvent.upload(input, file);
    expect(await screen.findByText(/too large/i)).toBeVisible();
  });
});
