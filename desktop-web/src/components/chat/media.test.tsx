import { act, fireEvent, renderHook, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Code, EntryType } from '@/protocol/codes';
import { ApiError } from '@/services/api/apiError';
import { applyEvent } from '@/stores/applyEvent';
import { eventually } from '@/test/eventually';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, BOB, makeConversation, makeFriend } from '@/test/people';
import { renderAt } from '@/test/render';
import { makeEntry } from '@/test/serverFrames';
import type { Entry } from '@/types/entry';
import type { FileInfo } from '@/types/file';
import { asConversationId } from '@/types/ids';
import { fileMessage } from '@/utils/fileMessage';
import { useFile } from '@/hooks/useFile';
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

function showEntries(entries: readonly Entry[]) {
  const page = { conversationId: CHAT, entries, about: [], first: true, last: true };
  applyEvent({
    type: 'conversationsChanged',
    conversations: [makeConversation(CHAT, entries.length, { unread: 0 })],
  });
  applyEvent({ type: 'logOpened', page });
  renderAt(<ChatsPage />, '/chats/70', '/chats/:conversationId?');
}

const connect = () =>
  act(() =>
    applyEvent({ type: 'connectionChanged', connection: { phase: 'online', transport: 'webTransport' } }),
  );
const disconnect = () =>
  act(() =>
    applyEvent({
      type: 'connectionChanged',
      connection: { phase: 'offline', reason: 'noNetwork', attempt: 1, retryAt: 0 },
    }),
  );

const show = (...files: readonly FileInfo[]) =>
  showEntries(
    files.map((file, index) => makeEntry(CHAT, index + 1, { senderId: BOB.userId, ...fileMessage(file) })),
  );

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

  it('shows a small picture in a frame that has its ratio before, and the whole one over the page', async () => {
    fakeClient.fileInfo.mockResolvedValue(PHOTO);
    show(PHOTO, PHOTO);
    const [picture] = await screen.findAllByRole('img', { name: 'Photo' });
    expect(picture).toHaveAttribute('src', PHOTO.thumbnailUrl);
    const frame = picture?.closest('button');
    expect(frame?.style.getPropertyValue('--ratio')).toBe(String(4_000 / 3_000));
    if (frame) await userEvent.click(frame);
    const viewer = await screen.findByRole('dialog', { name: 'Picture from Bob, 1 of 2' });
    expect(await within(viewer).findByRole('img', { name: 'Photo' })).toHaveAttribute('src', PHOTO.url);
    expect(within(viewer).getByRole('link', { name: 'Download' })).toHaveAttribute('download', 'sea.jpg');
    expect(within(viewer).queryByRole('button', { name: 'Previous picture' })).not.toBeInTheDocument();
    fireEvent.keyDown(viewer, { key: 'ArrowRight' });
    expect(viewer).toHaveAccessibleName('Picture from Bob, 2 of 2');
    expect(within(viewer).queryByRole('button', { name: 'Next picture' })).not.toBeInTheDocument();
    fireEvent.keyDown(viewer, { key: '+' });
    const closer = await within(viewer).findByRole('img', { name: 'Photo' });
    expect(closer.style.transform).toContain('scale(1.5)');
    fireEvent.keyDown(viewer, { key: '0' });
    expect(closer.style.transform).toContain('scale(1)');
    fireEvent(viewer, new Event('cancel', { cancelable: true }));
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });

  it('plays sound and video where they stand', async () => {
    fakeClient.fileInfo.mockResolvedValue(PLAN);
    const voice = '{"fileId":"f2","mime":"audio/ogg","size":9000,"durationMs":61000}';
    const video = '{"fileId":"f3","mime":"video/mp4","size":9000,"width":640,"height":360,"durationMs":5000}';
    showEntries([
      makeEntry(CHAT, 1, { senderId: BOB.userId, type: EntryType.Voice, text: voice }),
      makeEntry(CHAT, 2, { senderId: BOB.userId, type: EntryType.Video, text: video }),
    ]);
    expect(await screen.findByLabelText('Voice message')).toHaveAttribute('controls');
    expect(screen.getByText('1:01')).toBeVisible();
    expect(await screen.findByLabelText('Video')).toHaveAttribute('src', PLAN.url);
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
    expect(await screen.findByText('This picture is not available')).toBeVisible();
  });
});

/** D15 */
describe('a file whose server is not reached', () => {
  const picture = () => screen.queryByRole('img', { name: 'Photo' });
  const gone = () => screen.queryByText('This picture is not available');

  it('is not called gone, and shows when the connection is back', async () => {
    fakeClient.fileInfo.mockRejectedValue(ApiError.unreachable());
    disconnect();
    show(PHOTO, PLAN);
    await eventually(() => expect(fakeClient.fileInfo).toHaveBeenCalledTimes(2));
    expect(await screen.findByText(/plan\.pdf/)).toBeVisible();
    expect(gone()).not.toBeInTheDocument();
    expect(screen.queryByText('This file is not available')).not.toBeInTheDocument();
    fakeClient.fileInfo.mockResolvedValue(PHOTO);
    connect();
    expect(await screen.findByRole('img', { name: 'Photo' })).toHaveAttribute('src', PHOTO.thumbnailUrl);
    expect(await screen.findByRole('link', { name: /plan\.pdf/ })).toHaveAttribute('href', PHOTO.url);
  });

  it('stays as it is shown when its address cannot be asked for anew', async () => {
    fakeClient.fileInfo.mockResolvedValue(PHOTO);
    connect();
    show(PHOTO);
    await screen.findByRole('img', { name: 'Photo' });
    fakeClient.fileInfo.mockRejectedValue(ApiError.unreachable());
    disconnect();
    await eventually(() => expect(fakeClient.fileInfo).toHaveBeenCalledTimes(2));
    expect(await screen.findByRole('img', { name: 'Photo' })).toBeVisible();
  });

  it('is loaded again when the connection is back, or with another address', async () => {
    fakeClient.fileInfo.mockResolvedValue(PHOTO);
    disconnect();
    show(PHOTO);
    fireEvent.error(await screen.findByRole('img', { name: 'Photo' }));
    expect(picture()).not.toBeInTheDocument();
    expect(gone()).not.toBeInTheDocument();
    connect();
    fireEvent.error(await screen.findByRole('img', { name: 'Photo' }));
    expect(gone()).toBeVisible();
    fakeClient.fileInfo.mockResolvedValue({ ...PHOTO, thumbnailUrl: '/api/v1/files/f1/thumbnail?e=2&s=z' });
    disconnect();
    connect();
    expect(await screen.findByRole('img', { name: 'Photo' })).toBeVisible();
    await eventually(() => expect(picture()).toHaveAttribute('src', '/api/v1/files/f1/thumbnail?e=2&s=z'));
    expect(gone()).not.toBeInTheDocument();
  });

  describe('and of which the device keeps a picture', () => {
    beforeEach(() => {
      // jsdom has neither.
      URL.createObjectURL = () => 'blob:kept';
      URL.revokeObjectURL = () => undefined;
      fakeClient.keptPicture.mockResolvedValue(new Blob(['pixels']));
    });

    /** H5 */
    it('shows that, also over the page', async () => {
      fakeClient.fileInfo.mockRejectedValue(ApiError.unreachable());
      disconnect();
      show(PHOTO);
      expect(await screen.findByRole('img', { name: 'Photo' })).toHaveAttribute('src', 'blob:kept');
      expect(fakeClient.keptPicture).toHaveBeenCalledWith(CHAT, 1);
      await userEvent.click(screen.getByRole('button', { name: /Photo/ }));
      const viewer = await screen.findByRole('dialog', { name: 'Picture from Bob, 1 of 1' });
      expect(await within(viewer).findByRole('img', { name: 'Photo' })).toHaveAttribute('src', 'blob:kept');
      fakeClient.fileInfo.mockResolvedValue(PHOTO);
      connect();
      const whole = () => within(viewer).getByRole('img', { name: 'Photo' });
      await eventually(() => expect(whole()).toHaveAttribute('src', PHOTO.url));
      fireEvent.error(whole());
      expect(within(viewer).getByText('This picture is not available')).toBeVisible();
    });

    it('shows that when what is known of the file does not load', async () => {
      fakeClient.fileInfo.mockResolvedValue(PHOTO);
      disconnect();
      show(PHOTO);
      await eventually(() => expect(picture()).toHaveAttribute('src', PHOTO.thumbnailUrl));
      fireEvent.error(screen.getByRole('img', { name: 'Photo' }));
      await eventually(() => expect(picture()).toHaveAttribute('src', 'blob:kept'));
    });

    it('says so when the server says that the file is gone', async () => {
      fakeClient.fileInfo.mockRejectedValue(new ApiError(Code.FileNotFound, 'gone', 404));
      connect();
      show(PHOTO);
      expect(await screen.findByText('This picture is not available')).toBeVisible();
      expect(picture()).not.toBeInTheDocument();
    });
  });

  it('has what it showed kept, once it is on the screen', async () => {
    fakeClient.fileInfo.mockResolvedValue(PHOTO);
    show(PHOTO);
    const shown = await screen.findByRole('img', { name: 'Photo' });
    expect(fakeClient.keepPicture).not.toHaveBeenCalled();
    fireEvent.load(shown);
    expect(fakeClient.keepPicture).toHaveBeenCalledExactlyOnceWith(CHAT, 1, PHOTO.thumbnailUrl);
  });

  describe('while there is a connection', () => {
    beforeEach(() => {
      vi.useFakeTimers();
      vi.spyOn(Math, 'random').mockReturnValue(1);
    });
    afterEach(() => {
      vi.useRealTimers();
      vi.restoreAllMocks();
    });
    const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

    it('is asked for again, later each time and not before the server said', async () => {
      connect();
      fakeClient.fileInfo.mockRejectedValue(new ApiError(Code.Unavailable, 'down', 503));
      const { result } = renderHook(() => useFile('f1'));
      await pass(1_999);
      expect(fakeClient.fileInfo).toHaveBeenCalledTimes(1);
      await pass(1);
      expect(fakeClient.fileInfo).toHaveBeenCalledTimes(2);
      await pass(3_999);
      expect(fakeClient.fileInfo).toHaveBeenCalledTimes(2);
      fakeClient.fileInfo.mockRejectedValue(new ApiError(Code.RetryLater, 'slowly', 429, 20));
      await pass(1);
      await pass(19_999);
      expect(fakeClient.fileInfo).toHaveBeenCalledTimes(3);
      expect(result.current).toBeUndefined();
      fakeClient.fileInfo.mockResolvedValue(PHOTO);
      await pass(1);
      expect(result.current).toEqual(PHOTO);
    });
  });
});
