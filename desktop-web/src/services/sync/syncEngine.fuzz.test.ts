import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EntryType } from '@/protocol/codes';
import type { ChatState } from '@/stores/chatStore';
import { closeDevices, SELF } from '@/test/device';
import { CHATS, FuzzWorld, LONG } from '@/test/fuzzWorld';
import { seededRandom } from '@/test/random';
import type { Entry } from '@/types/entry';
import type { ConversationId } from '@/types/ids';
import { foldLog, type FoldedMessage } from '@/utils/fold';

/** By hand: IM_FUZZ_RUNS more of them, from IM_FUZZ_SEED on, of IM_FUZZ_STEPS steps. */
const {
  IM_FUZZ_RUNS = '200',
  IM_FUZZ_SEED = '1',
  IM_FUZZ_STEPS = '40',
} = import.meta.env as Record<string, string | undefined>;
const SEEDS = Array.from({ length: Number(IM_FUZZ_RUNS) }, (_, index) => Number(IM_FUZZ_SEED) + index);
const STEPS = Number(IM_FUZZ_STEPS);

/** What a message shows, without who reacted: of an island only how many is known. */
function look(message: FoldedMessage | undefined) {
  if (!message) return null;
  const reactions = message.reactions.map(({ reaction, users, others }) => ({
    reaction,
    count: users.length + others,
    mine: users.includes(SELF),
  }));
  const { text, editedSeq, recalledSeq } = message;
  return {
    text,
    editedSeq,
    recalledSeq,
    reactions: reactions.sort((a, b) => (a.reaction < b.reaction ? -1 : 1)),
  };
}

/** What is on the screen of a log, as it shows. */
function shown(screen: ChatState, id: ConversationId) {
  const { entries = [], about = [] } = screen.logs[id] ?? {};
  const messages = foldLog([...entries, ...about], [], SELF);
  return entries.map(({ seq }) => [seq, look(messages.get(seq))]);
}

/** The same from everything that the server has. */
function truth(world: FuzzWorld, id: ConversationId, screen: ChatState) {
  const log = world.server.logs.get(id) ?? [];
  const messages = foldLog(log, [], SELF);
  const { entries = [] } = screen.logs[id] ?? {};
  return log
    .slice((entries[0]?.seq ?? 1) - 1, entries.at(-1)?.seq ?? 0)
    .map(({ seq }) => [seq, look(messages.get(seq))]);
}

function listed(screen: ChatState, id: ConversationId) {
  const conversation = screen.conversations[id];
  if (!conversation) return null;
  const { tipSeq, readSeq, unread, memberCount, name, last } = conversation;
  return { tipSeq, readSeq, unread, memberCount, name, last: last?.seq };
}

async function step(world: FuzzWorld): Promise<void> {
  const id = world.pick(CHATS);
  const chance = world.random();
  if (chance < 0.2) world.happen(id, { senderId: world.random() < 0.2 ? SELF : undefined });
  else if (chance < 0.23) world.changeGroup(id);
  else if (chance < 0.35) world.changeByOthers(id);
  else if (chance < 0.45) await world.write(id);
  else if (chance < 0.52) await world.changeHere(id);
  else if (chance < 0.6) world.deliverLate();
  else if (chance < 0.65) world.goOnline(true);
  else if (chance < 0.68) world.goOffline();
  else if (chance < 0.7) await world.load();
  else if (chance < 0.74) await world.openLog(id);
  else if (chance < 0.79) await world.openLog(LONG, 1 + Math.floor(world.random() * 1_210));
  else if (chance < 0.85) await world.scroll(world.pick(CHATS), world.random() < 0.5 ? 'older' : 'newer');
  else if (chance < 0.865) world.engine.markRead(id);
  else if (chance < 0.88)
    world.engine.markRead(id, Math.ceil(world.random() * (world.server.logs.get(id)?.length ?? 0)));
  else if (chance < 0.91) world.readElsewhere(id);
  else await world.pass(Math.floor(world.random() * 300));
}

async function rest(world: FuzzWorld): Promise<void> {
  world.screen = { ...world.screen, synced: false };
  world.goOnline(false);
  await world.until(() => {
    const { conversations, pending, changes, synced } = world.screen;
    const waiting = [...Object.values(pending), ...Object.values(changes)].flat();
    const isCurrent = CHATS.every((id) => conversations[id]?.tipSeq === world.server.states.get(id)?.tipSeq);
    return synced && isCurrent && waiting.length === 0;
  });
  // Positions go out, gaps are filled, what is written is written. Who reads a log waits for what is written and read of it before: a
  // machine that is slow writes less in each turn.
  for (let turn = 0; turn < 20; turn += 1) {
    await world.pass(100);
    for (const id of CHATS) await world.storage.entries(id, 1, 1);
  }
}

/** What was said in it must not be kept ([E6]). */
function wasTaken(world: FuzzWorld, { conversationId, type, seq }: Entry): boolean {
  const log = world.server.logs.get(conversationId) ?? [];
  return (
    type === EntryType.Text && log.some((entry) => entry.type === EntryType.Recall && entry.targetSeq === seq)
  );
}

/** The disk is full now and then: some of the entries and states cannot be written. */
function refuseWrites(random: () => number): void {
  const put = Reflect.get(IDBObjectStore.prototype, 'put') as (
    this: IDBObjectStore,
    ...values: unknown[]
  ) => IDBRequest<IDBValidKey>;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...values) {
    const isHistory = this.name === 'entries' || this.name === 'conversations';
    if (isHistory && random() < 0.03) throw new DOMException('full', 'QuotaExceededError');
    return put.call(this, ...values);
  });
}

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 2_000_000_000_000 });
});
afterEach(() => {
  closeDevices();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** D3, D5, D6, D14, H5: any order, loss, duplicate, break and reload gives the state of a fresh fetch. */
describe('the sync engine against a model', () => {
  it.each(SEEDS)('shows what a fresh device shows (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const world = new FuzzWorld(random, random() < 0.5 ? 100_000 : 60 + Math.floor(random() * 200));
    const refused = random() < 0.2;
    if (refused) refuseWrites(random);
    await world.load();
    if (random() < 0.8) world.goOnline(true);
    for (let count = 0; count < STEPS; count += 1) await step(world);
    await rest(world);

    expect(world.faults).toEqual([]);
    const fresh = await world.fresh();
    for (const id of CHATS) {
      // What is on the screen has followed, wherever it is.
      expect(shown(world.screen, id)).toEqual(truth(world, id, world.screen));
      expect(listed(world.screen, id)).toEqual(listed(fresh, id));
      // What is opened now is right, also where it begins and where it is joined.
      for (const at of [undefined, 1 + Math.floor(random() * (world.server.states.get(id)?.tipSeq ?? 1))]) {
        await world.openLog(id, at);
        await world.scroll(id, 'older');
        await world.scroll(id, 'newer');
        expect(shown(world.screen, id)).toEqual(truth(world, id, world.screen));
      }
      const own = (world.server.logs.get(id) ?? []).filter(
        ({ type, senderId, text }) => type === EntryType.Text && senderId === SELF && text.startsWith('own'),
      );
      expect(own.map(({ text }) => text)).toEqual(world.written[id]);
    }
    expect(world.faults).toEqual([]);
    // A reload finds what is kept whole, also where writes were refused; then it may be less.
    await world.load();
    if (!refused) expect(await world.storage.outbox()).toEqual([]);
    for (const { id, held } of await world.storage.conversations()) {
      const kept = await world.storage.entries(id, 0, 10_000);
      expect(kept.map(({ seq }) => seq)).toEqual(
        Array.from({ length: held.to - held.from + 1 }, (_, index) => held.from + index),
      );
      if (!refused) expect(kept.filter((entry) => wasTaken(world, entry) && entry.text !== '')).toEqual([]);
    }
    await rest(world);
    for (const id of CHATS) expect(listed(world.screen, id)).toEqual(listed(fresh, id));
  });
});
