import { describe, expect, it, vi } from 'vitest';
import { Code, EntryType } from '@/protocol/codes';
import { ApiError } from '@/services/api/apiError';
import { MemoryStorage } from '@/services/storage/memoryStorage';
import type { Api } from '@/services/api/api';
import { makeConversation } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import type { Entry } from '@/types/entry';
import type { Message } from '@/types/generated/rest';
import { asConversationId } from '@/types/ids';
import { MessageSearch } from './messageSearch';

const CHAT = asConversationId('70');
const OTHER = asConversationId('71');
const offline = { searchMessages: () => Promise.reject(ApiError.unreachable()) };

async function hold(...logs: readonly (readonly Entry[])[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  for (const entries of logs) {
    const id = entries[0]?.conversationId ?? CHAT;
    const tip = entries.at(-1)?.seq ?? 0;
    const conversation = makeConversation(id, tip);
    await storage.saveEntries({ id, conversation, held: { from: 1, to: tip }, serverReadSeq: 0 }, entries);
  }
  return storage;
}

const seqs = (messages: readonly Entry[]) => messages.map(({ conversationId, seq }) => [conversationId, seq]);

/** H11, H7 */
describe('a search for messages', () => {
  it('asks the server, and goes on with its cursor', async () => {
    const message: Message = {
      id: makeEntry(CHAT, 3).messageId,
      conversationId: CHAT,
      senderId: makeEntry(CHAT, 3).senderId,
      content: 'a needle',
      type: 'text',
      seq: 3,
      createdAt: 5,
      clientMessageId: makeEntry(CHAT, 3).clientMessageId,
      replyToSeq: 1,
      mentions: [],
      editedSeq: 4,
      recalledSeq: null,
      reactions: [],
    };
    const searchMessages = vi.fn<Api['searchMessages']>(() =>
      Promise.resolve({ messages: [message], nextBefore: '9' }),
    );
    const page = await new MessageSearch({ searchMessages }, new MemoryStorage()).find('needle', {
      before: '12',
    });
    expect(searchMessages).toHaveBeenCalledExactlyOnceWith('needle', { before: '12' });
    expect(page).toMatchObject({ next: '9', source: 'server' });
    expect(page.messages[0]).toMatchObject({
      seq: 3,
      type: EntryType.Text,
      text: 'a needle',
      targetSeq: 1,
      editedSeq: 4,
    });
  });

  it('without a server finds what this device holds, as it is now, the newest first', async () => {
    const storage = await hold(
      [
        makeEntry(CHAT, 1, { text: 'a needle', createdAt: 1 }),
        makeEntry(CHAT, 2, { text: 'was hay', createdAt: 2 }),
        makeEntry(CHAT, 3, { text: 'a needle that is gone', createdAt: 3 }),
        makeEntry(CHAT, 4, { type: EntryType.Edit, targetSeq: 2, text: 'now a needle', createdAt: 4 }),
        makeEntry(CHAT, 5, { type: EntryType.Recall, targetSeq: 3, text: '', createdAt: 5 }),
      ],
      [makeEntry(OTHER, 1, { text: 'Needle elsewhere', createdAt: 9 })],
    );
    const search = new MessageSearch(offline, storage);
    const page = await search.find('needle', {});
    expect(page).toMatchObject({ next: null, source: 'device' });
    expect(seqs(page.messages)).toEqual([
      [OTHER, 1],
      [CHAT, 2],
      [CHAT, 1],
    ]);
    expect(page.messages[1]?.text).toBe('now a needle');
    expect(seqs((await search.find('needle', { conversationId: CHAT })).messages)).toHaveLength(2);
  });

  it('reads a long log in steps, with the edits that lie beyond a step', async () => {
    const entries = Array.from({ length: 1_200 }, (_, index) => makeEntry(CHAT, index + 1, { text: 'hay' }));
    entries.push(makeEntry(CHAT, 1_201, { type: EntryType.Edit, targetSeq: 2, text: 'a needle' }));
    const { messages } = await new MessageSearch(offline, await hold(entries)).find('needle', {});
    expect(seqs(messages)).toEqual([[CHAT, 2]]);
  });

  it('is refused as the server does it', async () => {
    const search = new MessageSearch(offline, new MemoryStorage());
    await expect(search.find('…', {})).rejects.toMatchObject({ code: Code.SearchInvalid });
    const refused = new ApiError(Code.SearchInvalid, 'no word', 400);
    const asked = new MessageSearch({ searchMessages: () => Promise.reject(refused) }, new MemoryStorage());
    await expect(asked.find('…', {})).rejects.toBe(refused);
  });
});
