import type { UserId } from '@/types/ids';
import { report } from '@/utils/report';
import { GuardedStorage, type Degradation } from './guardedStorage';
import { IndexedStorage } from './indexedStorage';
import { MemoryStorage } from './memoryStorage';
import { openDatabase } from './schema';
import type { Storage } from './storage';

/** How long another tab with an earlier version may keep this one from opening the database, milliseconds. */
const BLOCKED_MS = 3_000;

/** How long opening may take with all the moving from an earlier version, milliseconds; some browsers never answer. */
const OPEN_MS = 30_000;

/**
 * Opens what this device keeps of a user. Without IndexedDB (a private window, denied, held by a tab with an earlier version) it is
 * memory, which is told as `unavailable`. Never rejects.
 */
export async function openStorage(
  userId: UserId,
  onDegraded: (reason: Degradation) => void = () => undefined,
): Promise<Storage> {
  try {
    const database = await open(`im-rs-${userId}`);
    return new GuardedStorage(new IndexedStorage(database), onDegraded);
  } catch (error) {
    report('IndexedDB cannot be used', error);
    onDegraded('unavailable');
    return new MemoryStorage();
  }
}

function open(name: string): ReturnType<typeof openDatabase> {
  return new Promise((resolve, reject) => {
    let abandoned = false;
    const abandon = (why: string) => {
      abandoned = true;
      reject(new Error(why));
    };
    const timers = [setTimeout(() => abandon('opening took too long'), OPEN_MS)];
    const opening = openDatabase(name, {
      blocked: () => timers.push(setTimeout(() => abandon('an earlier version is open'), BLOCKED_MS)),
      // A tab with a later version needs the database: this one goes on with what it has.
      blocking: (_now, _wanted, event) => (event.target as IDBDatabase).close(),
    });
    opening
      .then((database) => (abandoned ? database.close() : resolve(database)), reject)
      .finally(() => timers.forEach(clearTimeout));
  });
}
