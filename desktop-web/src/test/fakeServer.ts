import { Code, EntryType, isCountable } from '@/protocol/codes';
import type { AckResult, ConversationState, Incoming, Outgoing, SyncResponse } from '@/protocol/frames';
import type { Entry, ReactionCount } from '@/types/entry';
import {
  asMessageId,
  asUserId,
  type ClientMessageId,
  type ConversationId,
  type Seq,
  type UserId,
} from '@/types/ids';
import { Fold } from '@/utils/fold';

type Request<Kind extends Outgoing['kind']> = Extract<Outgoing, { kind: Kind }>;

/** Logs and states of one user on a server. It stores by client id ([M4]), and who reads gets messages as they are now ([E5]). */
export class FakeServer {
  readonly logs = new Map<string, Entry[]>();
  readonly states = new Map<string, ConversationState>();
  /** Everything that was asked or told, in order. */
  readonly received: Outgoing[] = [];
  /** States in a page of a sync, and entries in a page of anything. */
  pageStates = 100;
  pageEntries = 500;
  /** Whether a sync brings entries after the cursors at once, as far as they fit. */
  bringsEntries = false;
  /** A sync tells again what changed so long before the last one ([R4]), in changes. */
  overlap = 0;
  private readonly changedAt = new Map<string, number>();
  private clock = 1_000;

  constructor(private readonly user: UserId) {}

  /** Gives the entry, as a push would. A state of its conversation moves with it. */
  store(entry: Entry): Entry {
    const log = this.logs.get(entry.conversationId) ?? [];
    const before = log.at(-1)?.messageIndex ?? 0;
    const messageIndex = before + (isCountable(entry.type) ? 1 : 0);
    const stored = { ...entry, seq: log.length + 1, messageIndex };
    this.logs.set(entry.conversationId, [...log, stored]);
    const state = this.states.get(entry.conversationId);
    if (state) {
      const unread = isCountable(entry.type) && entry.senderId !== this.user ? 1 : 0;
      this.setState({
        ...state,
        tipSeq: stored.seq,
        last: stored,
        activity: stored.createdAt,
        unread: state.unread + unread,
      });
    }
    return stored;
  }

  setState(state: ConversationState): void {
    this.clock += 1;
    this.changedAt.set(state.conversationId, this.clock);
    this.states.set(state.conversationId, state);
  }

  answer(body: Outgoing): Incoming {
    this.received.push(body);
    switch (body.kind) {
      case 'syncRequest':
        return this.sync(body);
      case 'historyRequest':
        return this.history(body);
      case 'userMessage':
        return { kind: 'messageAck', conversationId: body.conversationId, results: this.append(body) };
      case 'messageEdit':
      case 'messageRecall':
      case 'messageReaction':
        return { kind: 'messageAck', conversationId: body.conversationId, results: [this.change(body)] };
      case 'conversationRead':
        return {
          kind: 'readReceipt',
          conversationId: body.conversationId,
          userId: this.user,
          seq: this.readUpTo(body.conversationId, body.seq),
        };
      case 'follow':
        return { kind: 'done' };
      case 'conversationSet': {
        const state = this.states.get(body.conversationId);
        if (!state) throw new Error('no such conversation');
        return { kind: 'conversationEvent', state };
      }
      default:
        throw new Error(`not answered: ${body.kind}`);
    }
  }

  /** The log as it reads now; of seqs with from < seq <= to. */
  read(conversationId: string, from: Seq = 0, to: Seq = Infinity): Entry[] {
    const log = this.logs.get(conversationId) ?? [];
    const changes = new Map<Seq, Entry[]>();
    for (const entry of log) {
      if (entry.type !== EntryType.Recall && entry.type !== EntryType.Edit) continue;
      changes.set(entry.targetSeq, [...(changes.get(entry.targetSeq) ?? []), entry]);
    }
    return log.slice(from, to).map((entry) => asItIsNow(entry, changes));
  }

  /** The user has read up to here, on whatever device. Gives the position that holds then. */
  readUpTo(conversationId: string, seq: Seq): Seq {
    const state = this.states.get(conversationId);
    if (!state) return seq;
    const readSeq = Math.max(state.readSeq, Math.min(seq, state.tipSeq));
    const later = (this.logs.get(conversationId) ?? []).slice(readSeq);
    const unread = later.filter(({ type, senderId }) => isCountable(type) && senderId !== this.user).length;
    this.setState({ ...state, readSeq, unread });
    return readSeq;
  }

  /** The reactions to the messages with from <= seq <= to, as REST counts them. */
  reactions(conversationId: string, from: Seq, to: Seq): ReadonlyMap<Seq, readonly ReactionCount[]> {
    const { fromSeq = 0 } = this.states.get(conversationId) ?? {};
    const fold = new Fold();
    fold.add((this.logs.get(conversationId) ?? []).slice(fromSeq));
    const messages = fold.messages().filter(({ entry }) => entry.seq >= from && entry.seq <= to);
    return new Map(
      messages.map(({ entry, reactions }) => [
        entry.seq,
        reactions.map(({ reaction, users }) => ({
          reaction,
          count: users.length,
          mine: users.includes(this.user),
        })),
      ]),
    );
  }

  private sync({ after, cursors, since, entriesOnly }: Request<'syncRequest'>): SyncResponse {
    if (entriesOnly) return { ...EMPTY, ...this.after(cursors) };
    const changed = [...this.states.values()].filter(
      ({ conversationId }) => (this.changedAt.get(conversationId) ?? this.clock) > since - this.overlap,
    );
    const sorted = changed.sort(
      (a, b) => b.activity - a.activity || (BigInt(a.conversationId) < BigInt(b.conversationId) ? 1 : -1),
    );
    const begin = after ? sorted.findIndex((one) => one.conversationId === after.conversationId) + 1 : 0;
    const conversations = sorted.slice(begin, begin + this.pageStates);
    const last = conversations.at(-1);
    const more = begin + conversations.length < sorted.length;
    const wanted = cursors.filter((cursor) =>
      conversations.some((one) => one.conversationId === cursor.conversationId),
    );
    return {
      ...EMPTY,
      conversations,
      entries: this.bringsEntries ? this.after(wanted).entries : [],
      next: more && last ? { conversationId: last.conversationId, activity: last.activity } : null,
      syncedAt: this.clock,
    };
  }

  private after(cursors: Request<'syncRequest'>['cursors']): { entries: Entry[]; more: boolean } {
    const all = cursors.flatMap(({ conversationId, seq }) => this.read(conversationId, seq));
    return { entries: all.slice(0, this.pageEntries), more: all.length > this.pageEntries };
  }

  private history({ conversationId, seq, direction, limit }: Request<'historyRequest'>): SyncResponse {
    const from = this.states.get(conversationId)?.fromSeq ?? 0;
    const tip = this.logs.get(conversationId)?.length ?? 0;
    const end = seq === 0 ? tip : seq - 1;
    const fits = Math.min(limit, this.pageEntries);
    const entries =
      direction === 'forward'
        ? this.read(conversationId, Math.max(seq, from), seq + fits)
        : this.read(conversationId, Math.max(from, end - fits), end);
    return { ...EMPTY, entries };
  }

  private append(body: Request<'userMessage'>): AckResult[] {
    return body.messages.map(({ clientMessageId, type, text, replyToSeq, mentions }) =>
      this.once(body.conversationId, clientMessageId, { type, text, targetSeq: replyToSeq, mentions }),
    );
  }

  private change(body: Request<'messageEdit' | 'messageRecall' | 'messageReaction'>): AckResult {
    const { conversationId, clientMessageId, targetSeq } = body;
    switch (body.kind) {
      case 'messageEdit': {
        const { text, mentions } = body;
        return this.once(conversationId, clientMessageId, {
          type: EntryType.Edit,
          text,
          mentions,
          targetSeq,
        });
      }
      case 'messageRecall': {
        // The second one is answered by the entry of the first.
        const log = this.logs.get(conversationId) ?? [];
        const first = log.find((entry) => entry.type === EntryType.Recall && entry.targetSeq === targetSeq);
        if (first) return { ...toResult(first), clientMessageId };
        return this.once(conversationId, clientMessageId, { type: EntryType.Recall, text: '', targetSeq });
      }
      case 'messageReaction': {
        const text = `${body.remove ? '-' : '+'}${body.reaction}`;
        const said = (this.logs.get(conversationId) ?? []).filter(
          (entry) =>
            entry.type === EntryType.Reaction &&
            entry.targetSeq === targetSeq &&
            entry.senderId === this.user &&
            entry.text.slice(1) === body.reaction,
        );
        const last = said.at(-1);
        // What is so already makes no entry.
        if (last?.text === text) return { ...toResult(last), clientMessageId };
        if (!last && body.remove) return { ...NO_RESULT, clientMessageId };
        return this.once(conversationId, clientMessageId, { type: EntryType.Reaction, text, targetSeq });
      }
    }
  }

  private once(
    conversationId: ConversationId,
    clientMessageId: ClientMessageId,
    what: Pick<Entry, 'type' | 'text' | 'targetSeq'> & Partial<Entry>,
  ): AckResult {
    const log = this.logs.get(conversationId) ?? [];
    const known = log.find((entry) => entry.clientMessageId === clientMessageId);
    if (known) return toResult(known);
    const stored = this.store({
      conversationId,
      seq: 0,
      messageIndex: 0,
      messageId: asMessageId(String(log.length + 1)),
      clientMessageId,
      senderId: asUserId(this.user),
      createdAt: Date.now(),
      mentions: [],
      editedSeq: 0,
      recalledSeq: 0,
      ...what,
    });
    return toResult(stored);
  }
}

const EMPTY: SyncResponse = {
  kind: 'syncResponse',
  conversations: [],
  entries: [],
  next: null,
  more: false,
  syncedAt: 0,
};

const NO_RESULT = { code: Code.Ok, messageId: asMessageId('0'), seq: 0, messageIndex: 0, createdAt: 0 };

function toResult({ clientMessageId, messageId, seq, messageIndex, createdAt }: Entry): AckResult {
  return { clientMessageId, code: Code.Ok, messageId, seq, messageIndex, createdAt };
}

/** [E5]: with the edits and recalls by what they are about. */
function asItIsNow(entry: Entry, changes: ReadonlyMap<Seq, readonly Entry[]>): Entry {
  const isEdit = entry.type === EntryType.Edit;
  if (!isEdit && !isCountable(entry.type)) return entry;
  const about = changes.get(isEdit ? entry.targetSeq : entry.seq) ?? [];
  const recall = about.find(({ type }) => type === EntryType.Recall);
  if (recall) return { ...entry, text: '', mentions: [], recalledSeq: recall.seq };
  const edit = about.filter(({ type }) => type === EntryType.Edit).at(-1);
  if (isEdit || !edit) return entry;
  return { ...entry, text: edit.text, mentions: edit.mentions, editedSeq: edit.seq };
}
