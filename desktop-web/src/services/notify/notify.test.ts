import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Code, ConversationType, EntryType } from '@/protocol/codes';
import { ApiError } from '@/services/api/apiError';
import { applyEvent } from '@/stores/applyEvent';
import { useNotificationStore } from '@/stores/notificationStore';
import { eventually } from '@/test/eventually';
import { ACCOUNT, ALICE, BOB, makeConversation } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import type { Conversation } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import type { ClientEvent } from '@/types/event';
import { worthTelling, type Moment } from './decide';
import type { Display, Shown } from './display';
import { Notifier } from './notifier';
import { webPushOf } from './webPush';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const NOW = 1_700_000_000_000;
const MOMENT: Moment = { self: ALICE.userId, phase: 'online', watched: [], quietUntil: 0, now: NOW };
const CHAT = makeConversation('70', 12, { type: ConversationType.Private, peerId: BOB.userId, readSeq: 10 });
const message = (changes: Partial<Entry> = {}) => makeEntry('70', 12, { senderId: BOB.userId, ...changes });

/** H9 */
describe('who is told of a message', () => {
  const tells = (
    conversation: Partial<Conversation> = {},
    entry: Partial<Entry> = {},
    moment: Partial<Moment> = {},
  ) => worthTelling({ ...CHAT, ...conversation }, [message(entry)], { ...MOMENT, ...moment }).length === 1;

  it('is who did not write it and does not see it', () => {
    expect(tells()).toBe(true);
    expect(tells({}, { senderId: ALICE.userId })).toBe(false);
    expect(tells({}, {}, { watched: [CHAT.id] })).toBe(false);
  });

  it('is nobody in a muted conversation, not even who is mentioned, until the mute ends', () => {
    expect(tells({ mutedUntil: NOW + 1 }, { mentions: [ALICE.userId] })).toBe(false);
    expect(tells({ mutedUntil: NOW - 1 })).toBe(true);
  });

  it('is nobody in the world chat, and in what was put away', () => {
    expect(tells({ type: ConversationType.World })).toBe(false);
    expect(tells({ archived: true })).toBe(false);
  });

  it('is nobody while history is caught up on', () => {
    expect(tells({}, {}, { phase: 'catchingUp' })).toBe(false);
    expect(tells({}, {}, { phase: 'offline' })).toBe(false);
  });

  it('is nobody who has read it on another device', () => {
    expect(tells({ readSeq: 12 })).toBe(false);
  });

  it('is nobody while it is to be quiet', () => {
    expect(tells({}, {}, { quietUntil: NOW + 1 })).toBe(false);
    expect(tells({}, {}, { quietUntil: NOW })).toBe(true);
  });

  it('is nobody of reactions, edits, and what was taken back', () => {
    expect(tells({}, { type: EntryType.Reaction })).toBe(false);
    expect(tells({}, { type: EntryType.Edit })).toBe(false);
    expect(tells({}, { recalledSeq: 13 })).toBe(false);
  });
});

/** H9, F8 */
describe('the notifier', () => {
  /** A screen with notifications, by conversation. */
  function makeScreen() {
    const shown = new Map<string, Shown>();
    const display: Display = {
      show: (one) => Promise.resolve(void shown.set(one.conversationId, one)),
      close: (id) => Promise.resolve(void shown.delete(id)),
      targets: () => Promise.resolve([...shown.values()]),
    };
    const playTone = vi.fn();
    const notifier = new Notifier(display, playTone);
    const happens = (event: ClientEvent) => {
      applyEvent(event);
      notifier.apply(event);
    };
    return { shown, playTone, happens };
  }
  const arrives = (changes: Partial<Entry> = {}): ClientEvent => {
    const entry = message(changes);
    return {
      type: 'entriesApplied',
      conversation: { ...CHAT, tipSeq: entry.seq, last: entry },
      entries: [entry],
    };
  };

  beforeEach(() => {
    applyEvent({ type: 'signedIn', account: ACCOUNT });
    applyEvent({ type: 'profilesLoaded', profiles: [BOB] });
    applyEvent({ type: 'connectionChanged', connection: { phase: 'online', transport: 'webTransport' } });
    useNotificationStore.setState({
      desktop: true,
      sound: true,
      preview: true,
      quietUntil: 0,
      permission: 'granted',
    });
  });

  it('says who wrote what, with a tone', () => {
    const { shown, playTone, happens } = makeScreen();
    happens(arrives({ text: 'See you\nat ten' }));
    expect([...shown.values()]).toEqual([
      { conversationId: '70', seq: 12, title: 'Bob', body: 'See you at ten' },
    ]);
    expect(playTone).toHaveBeenCalledOnce();
  });

  it('has one notification per conversation, of the newest message', () => {
    const { shown, happens } = makeScreen();
    happens(arrives({ text: 'one' }));
    happens(arrives({ seq: 13, text: 'two' }));
    expect([...shown.values()].map(({ body }) => body)).toEqual(['two']);
  });

  it('does not say what was written where that is not wanted', () => {
    useNotificationStore.setState({ preview: false });
    const { shown, happens } = makeScreen();
    happens(arrives({ text: 'secret' }));
    expect(shown.get('70')).toMatchObject({ title: 'Bob', body: 'New message' });
  });

  it('shows nothing without the permission, and is silent without the sound', () => {
    useNotificationStore.setState({ permission: 'denied', sound: false });
    const { shown, playTone, happens } = makeScreen();
    happens(arrives());
    expect(shown.size).toBe(0);
    expect(playTone).not.toHaveBeenCalled();
  });

  it('takes back what is read on another device', () => {
    const { shown, happens } = makeScreen();
    happens(arrives());
    happens({ type: 'conversationsChanged', conversations: [{ ...CHAT, readSeq: 11 }] });
    expect(shown.size).toBe(1);
    happens({ type: 'conversationsChanged', conversations: [{ ...CHAT, readSeq: 12 }] });
    expect(shown.size).toBe(0);
  });

  it('takes back what its sender takes back', () => {
    const { shown, happens } = makeScreen();
    happens(arrives());
    happens(arrives({ seq: 13, type: EntryType.Recall, targetSeq: 12 }));
    expect(shown.size).toBe(0);
  });

  it('takes back what comes before the eyes', () => {
    const { shown, happens } = makeScreen();
    happens(arrives());
    happens({ type: 'attentionChanged', visible: true, watched: [CHAT.id] });
    expect(shown.size).toBe(0);
    happens(arrives({ seq: 13 }));
    expect(shown.size).toBe(0);
  });

  it('clears after a sync what was pushed while it was closed and is read by now', async () => {
    const { shown, happens } = makeScreen();
    const pushed = (id: string): Shown => ({
      conversationId: makeConversation(id, 5).id,
      seq: 5,
      title: '',
      body: '',
    });
    shown.set('71', pushed('71'));
    shown.set('72', pushed('72'));
    happens({
      type: 'conversationsChanged',
      conversations: [makeConversation('71', 5, { readSeq: 5 }), makeConversation('72', 5, { readSeq: 4 })],
    });
    happens({ type: 'synced' });
    await eventually(() => expect([...shown.keys()]).toEqual(['72']));
  });

  it('clears everything at the sign-out', async () => {
    const { shown, happens } = makeScreen();
    happens(arrives());
    happens({ type: 'signedOut' });
    await eventually(() => expect(shown.size).toBe(0));
  });
});

describe('pushes of a browser', () => {
  function makeBrowser(existing: boolean = false) {
    const subscription = {
      unsubscribe: vi.fn(() => Promise.resolve(true)),
      toJSON: () => ({ endpoint: 'https://push.example/1', keys: { p256dh: 'key', auth: 'secret' } }),
    };
    const pushManager = {
      subscribe: vi.fn(() => Promise.resolve(subscription)),
      getSubscription: vi.fn(() => Promise.resolve(existing ? subscription : null)),
    };
    vi.stubGlobal('PushManager', class {});
    vi.stubGlobal('navigator', {
      serviceWorker: { getRegistration: () => Promise.resolve({ active: {}, pushManager }) },
    });
    const api = {
      pushKey: vi.fn(() => Promise.resolve({ publicKey: 'public' })),
      subscribeToPush: vi.fn(() => Promise.resolve()),
      unsubscribeFromPush: vi.fn(() => Promise.resolve()),
    };
    return { api, subscription, pushManager, pushes: webPushOf(api) };
  }

  it('are not offered where the server has none', async () => {
    const { api, pushes } = makeBrowser();
    await expect(pushes.pushOffered()).resolves.toBe(true);
    api.pushKey.mockRejectedValue(new ApiError(Code.NotFound, 'none', 404));
    await expect(pushes.pushOffered()).resolves.toBe(false);
    api.pushKey.mockRejectedValue(ApiError.unreachable());
    await expect(pushes.pushOffered()).rejects.toThrow();
  });

  it('are told to the server with the keys, and whether it may say what was written', async () => {
    const { api, pushes } = makeBrowser();
    await pushes.subscribeToPush(true);
    expect(api.subscribeToPush).toHaveBeenCalledExactlyOnceWith({
      endpoint: 'https://push.example/1',
      expirationTime: null,
      keys: { p256dh: 'key', auth: 'secret' },
      hideContent: true,
    });
  });

  it('begin anew when the server has another key', async () => {
    const { subscription, pushManager, pushes } = makeBrowser(true);
    pushManager.subscribe.mockRejectedValueOnce(new DOMException('another key', 'InvalidStateError'));
    await pushes.subscribeToPush(false);
    expect(subscription.unsubscribe).toHaveBeenCalledOnce();
    expect(pushManager.subscribe).toHaveBeenCalledTimes(2);
  });

  /** [P1] */
  it('end at both sides, also when the server does not hear of it', async () => {
    const { api, subscription, pushes } = makeBrowser(true);
    api.unsubscribeFromPush.mockRejectedValue(ApiError.unreachable());
    vi.spyOn(console, 'error').mockReturnValue();
    vi.spyOn(console, 'warn').mockReturnValue();
    await pushes.unsubscribeFromPush();
    expect(api.unsubscribeFromPush).toHaveBeenCalledOnce();
    expect(subscription.unsubscribe).toHaveBeenCalledOnce();
  });

  it('keep nobody signed in when the browser refuses to say whether there are any', async () => {
    const reported = vi.spyOn(console, 'error').mockReturnValue();
    const { pushManager, pushes } = makeBrowser(true);
    pushManager.getSubscription.mockRejectedValue(new DOMException('no push service', 'AbortError'));
    await expect(pushes.unsubscribeFromPush()).resolves.toBeUndefined();
    vi.stubGlobal('navigator', {
      serviceWorker: { getRegistration: () => Promise.reject(new DOMException('', 'SecurityError')) },
    });
    await expect(pushes.unsubscribeFromPush()).resolves.toBeUndefined();
    expect(reported).toHaveBeenCalledTimes(2);
  });

  it('keep nobody signed in when the browser says nothing', async () => {
    vi.useFakeTimers();
    const { pushManager, pushes } = makeBrowser(true);
    pushManager.getSubscription.mockReturnValue(new Promise(() => undefined));
    const ended = pushes.unsubscribeFromPush();
    await vi.advanceTimersByTimeAsync(2_000);
    await expect(ended).resolves.toBeUndefined();
  });
});
