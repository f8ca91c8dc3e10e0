import type { Storage } from '@/services/storage/storage';
import type { ConversationId, Seq } from '@/types/ids';

/** Bytes of a picture that is kept, at most: what the server makes small has less, and most that it leaves as they are. */
const MAX_BYTES = 256 * 1024;

/** What messages show of their pictures, for when the server is not reached. */
export class Pictures {
  constructor(private readonly storage: Storage) {}

  async find(conversationId: ConversationId, seq: Seq): Promise<Blob | null> {
    return (await this.storage.picture(conversationId, seq)) ?? null;
  }

  /** Keeps a picture that was shown a moment ago, so that the browser need not load it again. Failing is no loss. */
  async keep(conversationId: ConversationId, seq: Seq, address: string): Promise<void> {
    if (await this.storage.picture(conversationId, seq)) return;
    const picture = await load(address);
    if (picture && picture.size <= MAX_BYTES) await this.storage.savePicture(conversationId, seq, picture);
  }
}

async function load(address: string): Promise<Blob | null> {
  try {
    const response = await fetch(address);
    return response.ok ? await response.blob() : null;
  } catch {
    return null;
  }
}
