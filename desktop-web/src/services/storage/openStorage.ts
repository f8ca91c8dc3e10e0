import type { UserId } from '@/types/ids';
import { IndexedStorage } from './indexedStorage';
import { openDatabase } from './schema';
import type { Storage } from './storage';

/** Opens what this device keeps of a user. */
export async function openStorage(userId: UserId): Promise<Storage> {
  return new IndexedStorage(await openDatabase(`im-rs-${userId}`));
}
