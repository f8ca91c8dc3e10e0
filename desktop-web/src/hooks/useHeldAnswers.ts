import { useFeedback } from './useFeedback';
import { createElement, useCallback, useEffect, useRef, useState } from 'react';
import { UndoToast } from '@/components/contacts/UndoToast';
import { client } from '@/services/client';
import type { FriendRequestId } from '@/types/ids';
import type { FriendRequest } from '@/types/person';
import { errorCode } from '@/utils/failure';
import { errorText, t } from '@/utils/t';

export type Answer = 'accepted' | 'rejected';

/** How long an answer can be taken back, milliseconds. */
const HOLD_MS = 5_000;

interface Held {
  readonly answer: Answer;
  readonly timer: number;
}

/**
 * Answers to friend requests that can be undone. The server cannot take an answer back: an acceptance makes friends of both and tells
 * the other, a refusal is final. So an answer shows at once and is sent when its toast goes: after 5 s, when the panel or the page is
 * left, or when the page is hidden. Nothing that was answered is lost by leaving.
 */
export function useHeldAnswers(): {
  readonly answers: Readonly<Record<FriendRequestId, Answer>>;
  readonly answer: (request: FriendRequest, answer: Answer) => void;
} {
  const { message } = useFeedback();
  const [answers, setAnswers] = useState<Readonly<Record<FriendRequestId, Answer>>>({});
  const held = useRef(new Map<FriendRequestId, Held>());

  const forget = useCallback((id: FriendRequestId) => {
    setAnswers(({ [id]: _, ...others }) => others);
  }, []);

  const take = useCallback(
    (id: FriendRequestId): Answer | null => {
      const item = held.current.get(id);
      if (!item) return null;
      held.current.delete(id);
      window.clearTimeout(item.timer);
      message.destroy(id);
      return item.answer;
    },
    [message],
  );

  const send = useCallback(
    (id: FriendRequestId) => {
      const wanted = take(id);
      if (!wanted) return;
      const sent = wanted === 'accepted' ? client.acceptRequest(id) : client.rejectRequest(id);
      sent.catch((error: unknown) => {
        forget(id);
        void message.error(errorText(errorCode(error)));
      });
    },
    [take, forget, message],
  );

  useEffect(() => {
    const all = held.current;
    const sendAll = () => [...all.keys()].forEach(send);
    const sendHidden = () => document.visibilityState === 'hidden' && sendAll();
    // A page that is closed ends its session at `pagehide`, before it is hidden; a phone that puts it away only hides it.
    window.addEventListener('beforeunload', sendAll);
    document.addEventListener('visibilitychange', sendHidden);
    return () => {
      window.removeEventListener('beforeunload', sendAll);
      document.removeEventListener('visibilitychange', sendHidden);
      sendAll();
    };
  }, [send]);

  const answer = (request: FriendRequest, wanted: Answer) => {
    const { id, user } = request;
    const name = user.nickname || user.username;
    held.current.set(id, { answer: wanted, timer: window.setTimeout(() => send(id), HOLD_MS) });
    setAnswers((before) => ({ ...before, [id]: wanted }));
    const onUndo = () => {
      if (take(id)) forget(id);
    };
    const text = t(wanted === 'accepted' ? 'requestAccepted' : 'requestDeclined', { name });
    void message.open({ key: id, duration: 0, content: createElement(UndoToast, { text, onUndo }) });
  };

  return { answers, answer };
}
