import { Code, ConversationType, EntryType } from '@/protocol/codes';
import type { Entry } from '@/types/entry';
import type { Message } from '@/types/generated/rest';
import type { ConversationId } from '@/types/ids';
import type { SearchPage } from '@/types/search';
import { media, notice } from '@/utils/content';
import { Fold, type FoldedMessage } from '@/utils/fold';
import { hasWords, searchWords } from '@/utils/searchWords';
import type { Api } from '@/services/api/api';
import { ApiError } from '@/services/api/apiError';
import type { Storage, StoredConversation } from '@/services/storage/storage';

/** So many are found on this device at most, and so many entries are read for it: there is no second page. */
const MAX_FOUND = 100;
const MAX_READ = 20_000;
const STEP = 500;

/** By the name that REST has for it. */
const TYPES: Readonly<Record<string, EntryType>> = {
  text: EntryType.Text,
  image: EntryType.Image,
  file: EntryType.File,
  voice: EntryType.Voice,
  video: EntryType.Video,
  system: EntryType.System,
  custom: EntryType.Custom,
  edit: EntryType.Edit,
  recall: EntryType.Recall,
  reaction: EntryType.Reaction,
  member: EntryType.Member,
  group: EntryType.Group,
};

export interface SearchScope {
  /** In this conversation only. */
  readonly conversationId?: ConversationId;
  /** `next` of the page before. */
  readonly before?: string;
}

/** Finds messages on the server, and without one in what this device holds. */
export class MessageSearch {
  constructor(
    private readonly api: Pick<Api, 'searchMessages'>,
    private readonly storage: Storage,
  ) {}

  /** Rejects with ApiError: SearchInvalid when the query has no word. */
  async find(query: string, scope: SearchScope): Promise<SearchPage> {
    try {
      const { messages, nextBefore } = await this.api.searchMessages(query, scope);
      return { messages: messages.map(entryOf), next: nextBefore ?? null, source: 'server' };
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== Code.Unavailable || scope.before !== undefined)
        throw error;
      return { messages: await this.findHere(query, scope), next: null, source: 'device' };
    }
  }

  private async findHere(query: string, { conversationId }: SearchScope): Promise<Entry[]> {
    const words = searchWords(query);
    if (words.length === 0) throw new ApiError(Code.SearchInvalid, 'no word to search for', 0);
    const stored = (await this.storage.conversations())
      .filter(({ id, conversation: { type } }) =>
        conversationId ? id === conversationId : type !== ConversationType.World,
      )
      .sort((a, b) => b.conversation.activity - a.conversation.activity);
    const found: Entry[] = [];
    let read = 0;
    for (const conversation of stored) {
      for (let { to } = conversation.held; to >= conversation.held.from && read < MAX_READ; to -= STEP) {
        const messages = await this.read(conversation, to);
        read += STEP;
        found.push(...messages.filter((message) => isFound(message, words)).map(asItIs));
      }
    }
    return found.sort((a, b) => b.createdAt - a.createdAt).slice(0, MAX_FOUND);
  }

  /** The messages of a step that ends with `to`, as they are now. */
  private async read({ id, held }: StoredConversation, to: number): Promise<FoldedMessage[]> {
    const from = Math.max(held.from, to - STEP + 1);
    const [entries, changes] = await Promise.all([
      this.storage.entries(id, from, to),
      this.storage.changesAbout(id, from, to),
    ]);
    const fold = new Fold();
    fold.add(entries);
    fold.add(changes);
    return fold.messages();
  }
}

function isFound({ entry, text, recalledSeq }: FoldedMessage, words: readonly string[]): boolean {
  if (recalledSeq > 0) return false;
  if (entry.type === EntryType.Text) return hasWords(text, words);
  const file = media({ type: entry.type, text });
  const said = notice(entry);
  return hasWords(
    file ? `${file.name} ${file.caption}` : `${said?.title ?? ''} ${said?.content ?? ''}`,
    words,
  );
}

function asItIs({ entry, text, mentions, editedSeq }: FoldedMessage): Entry {
  return { ...entry, text, mentions, editedSeq };
}

function entryOf(message: Message): Entry {
  return {
    conversationId: message.conversationId,
    seq: message.seq,
    messageIndex: 0,
    messageId: message.id,
    clientMessageId: message.clientMessageId,
    senderId: message.senderId,
    type: TYPES[message.type] ?? EntryType.Unknown,
    text: message.content,
    createdAt: message.createdAt,
    targetSeq: message.replyToSeq ?? message.targetSeq ?? 0,
    mentions: message.mentions,
    editedSeq: message.editedSeq ?? 0,
    recalledSeq: message.recalledSeq ?? 0,
  };
}
