import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Storage } from '@/services/storage/storage';
import { asConversationId } from '@/types/ids';
import { Pictures } from './pictures';

const CHAT = asConversationId('70');
const ADDRESS = '/api/v1/files/f1/thumbnail?e=1&s=y';

/** H5 */
describe('what is shown of a picture', () => {
  const storage = { picture: vi.fn<Storage['picture']>(), savePicture: vi.fn<Storage['savePicture']>() };
  const pictures = new Pictures(storage as unknown as Storage);
  const fetched = vi.fn<typeof fetch>();
  const answer = (bytes: number, status = 200) =>
    fetched.mockImplementation(() => Promise.resolve(new Response(new Uint8Array(bytes), { status })));

  beforeEach(() => {
    storage.picture.mockReset();
    storage.savePicture.mockReset();
    fetched.mockReset();
    vi.spyOn(globalThis, 'fetch').mockImplementation(fetched);
  });

  it('is kept once', async () => {
    answer(20_000);
    await pictures.keep(CHAT, 3, ADDRESS);
    expect(fetched).toHaveBeenCalledExactlyOnceWith(ADDRESS);
    expect(storage.savePicture).toHaveBeenCalledExactlyOnceWith(
      CHAT,
      3,
      expect.objectContaining({ size: 20_000 }),
    );
    storage.picture.mockResolvedValue(new Blob(['pixels']));
    await pictures.keep(CHAT, 3, ADDRESS);
    expect(fetched).toHaveBeenCalledOnce();
  });

  it.each([
    ['it is large', () => answer(256 * 1024 + 1)],
    ['its address has ended', () => answer(10, 403)],
    ['there is no network', () => fetched.mockRejectedValue(new TypeError('offline'))],
  ])('is not kept when %s', async (_, arrange) => {
    arrange();
    await pictures.keep(CHAT, 3, ADDRESS);
    expect(storage.savePicture).not.toHaveBeenCalled();
  });

  it('is found, or not', async () => {
    expect(await pictures.find(CHAT, 3)).toBeNull();
    const picture = new Blob(['pixels']);
    storage.picture.mockResolvedValue(picture);
    expect(await pictures.find(CHAT, 3)).toBe(picture);
  });
});
