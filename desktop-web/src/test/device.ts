import { openStorage } from '@/services/storage/openStorage';
import type { Storage } from '@/services/storage/storage';
import { SyncEngine, type EngineRest } from '@/services/sync/syncEngine';
import { applyEvent } from '@/stores/applyEvent';
import type { Emit } from '@/types/event';
import { asUserId, type ConversationId, type Seq, type UserId } from '@/types/ids';
import type { FakeServer } from './fakeServer';

/** Whose engine it is. Databases have other numbers, so that each test has its own. */
export const SELF = asUserId('1');

export interface Device {
  readonly engine: SyncEngine;
  readonly storage: Storage;
  readonly database: UserId;
}

let databases = 1_000;
/** The pages that are open, by their database. */
const opened = new Map<UserId, SyncEngine>();

/** A database that no other test has. */
export function newDatabase(): UserId {
  return asUserId(String((databases += 1)));
}

/**
 * An engine with the real stores as its screen, or another; on a database of its own, or that of an earlier page. That page is gone
 * then: what it still has under way is not shown.
 */
export async function openDevice(
  database: UserId = newDatabase(),
  rest: EngineRest = NO_REST,
  emit: Emit = applyEvent,
  limit: (storage: Storage) => Storage = (storage) => storage,
): Promise<Device> {
  const storage = limit(await openStorage(database));
  const isOpen = () => opened.get(database) === engine;
  const shown: Emit = (event) => isOpen() && emit(event);
  const engine: SyncEngine = new SyncEngine(
    SELF,
    storage,
    { emit: shown, onProgress: () => undefined },
    rest,
  );
  opened.set(database, engine);
  await engine.load();
  return { engine, storage, database };
}

/** Ends the timers of all that a test opened, and shows nothing more of it. */
export function closeDevices(): void {
  opened.forEach((engine) => engine.detach());
  opened.clear();
}

export const NO_REST: EngineRest = {
  reactions: () => Promise.resolve(new Map()),
  upload: () => Promise.reject(new Error('no files here')),
};

/** What an engine gets by REST, from a fake server. */
export function restOf(server: FakeServer): EngineRest {
  return { ...NO_REST, reactions: (id, from, to) => Promise.resolve(server.reactions(id, from, to)) };
}

/** Opens a log and shows it in the stores, as the client does. */
export async function showLog(engine: SyncEngine, id: ConversationId, at?: Seq): Promise<void> {
  applyEvent({ type: 'logOpened', page: await engine.history.open(id, at) });
}

export async function showOlder(engine: SyncEngine, id: ConversationId, before: Seq): Promise<void> {
  applyEvent({ type: 'olderLoaded', page: await engine.history.older(id, before) });
}

export async function showNewer(engine: SyncEngine, id: ConversationId, after: Seq): Promise<void> {
  applyEvent({ type: 'newerLoaded', page: await engine.history.newer(id, after) });
}
