import { useCallback, useEffect, useRef, useState } from 'react';
import { useComposerStore, type ComposerTarget } from '@/stores/composerStore';
import { draftText, useDraftStore } from '@/stores/draftStore';
import { client } from '@/services/client';
import type { ConversationId } from '@/types/ids';
import type { Mention } from '@/utils/mentions';

/** The draft is put into the store when nothing was typed for so long, milliseconds. */
const SETTLE_MS = 400;

const NOBODY: readonly Mention[] = [];

interface Typed {
  readonly text: string;
  /** Whom it calls by name. */
  readonly mentions: readonly Mention[];
}

interface ComposerText extends Typed {
  readonly change: (text: string, mentions?: readonly Mention[]) => void;
  /** Puts the draft away and tells other devices: the composer is left, or its text was sent. */
  readonly leave: () => void;
}

/**
 * The text of a composer. It lives here while somebody types, so that no key renders the list or the log; the first key of a draft
 * and what stands when typing pauses go into the store. An edit has a text of its own, and leaves the draft alone.
 */
export function useComposerText(
  conversationId: ConversationId,
  target: ComposerTarget | undefined,
): ComposerText {
  const edited = target?.kind === 'edit' ? target : null;
  const source = edited ? `edit-${edited.seq}` : 'draft';
  const [typed, setTyped] = useState({ source, ...begin(conversationId, edited) });
  if (typed.source !== source) setTyped({ source, ...begin(conversationId, edited) });
  const latest = useRef<{ readonly source: string } & Typed>(typed);
  const timer = useRef(0);
  /** Typed here and not in the store yet, or not told yet: what another tab typed is its to keep and to tell. */
  const unkept = useRef(false);
  const untold = useRef(false);

  const settle = useCallback(() => {
    window.clearTimeout(timer.current);
    timer.current = 0;
    if (!unkept.current) return;
    unkept.current = false;
    const { source: of, text, mentions } = latest.current;
    const { drafts, setDraft } = useDraftStore.getState();
    if (of === 'draft' && text !== draftText({ drafts }, conversationId))
      setDraft(conversationId, text, mentions);
  }, [conversationId]);

  const leave = useCallback(() => {
    settle();
    if (!untold.current) return;
    untold.current = false;
    client.saveDraft(conversationId, draftText(useDraftStore.getState(), conversationId));
  }, [conversationId, settle]);

  const change = useCallback(
    (text: string, mentions?: readonly Mention[]) => {
      const next = { source, text, mentions: mentions ?? latest.current.mentions };
      latest.current = next;
      unkept.current = true;
      untold.current = true;
      setTyped(next);
      // The first key says that this device writes; an empty draft is not worth waiting for.
      if (!timer.current || text === '') settle();
      else window.clearTimeout(timer.current);
      if (text !== '') timer.current = window.setTimeout(settle, SETTLE_MS);
    },
    [source, settle],
  );

  useEffect(() => {
    latest.current = typed;
  }, [typed]);

  // What others put there: another tab or device, or a message that was taken back and is written again.
  useEffect(
    () =>
      useDraftStore.subscribe((state, before) => {
        const draft = state.drafts[conversationId];
        if (source !== 'draft' || draft === before.drafts[conversationId]) return;
        if (!draft || draft.text === latest.current.text) return;
        latest.current = { source, ...draft };
        unkept.current = false;
        setTyped(latest.current);
      }),
    [conversationId, source],
  );

  useEffect(() => {
    const hide = () => document.visibilityState === 'hidden' && leave();
    document.addEventListener('visibilitychange', hide);
    window.addEventListener('pagehide', leave);
    return () => {
      document.removeEventListener('visibilitychange', hide);
      window.removeEventListener('pagehide', leave);
    };
  }, [leave]);

  // The end of this source: the chat is left, or an edit begins or ends.
  useEffect(
    () => () => {
      leave();
      const { targets, setTarget } = useComposerStore.getState();
      const now = targets[conversationId];
      if (now?.kind === 'edit' && source === `edit-${now.seq}`)
        setTarget(conversationId, { ...now, typed: latest.current.text });
    },
    [conversationId, source, leave],
  );

  return { text: typed.text, mentions: typed.mentions, change, leave };
}

function begin(
  conversationId: ConversationId,
  edited: Extract<ComposerTarget, { kind: 'edit' }> | null,
): Typed {
  if (edited) return { text: edited.typed ?? edited.text, mentions: NOBODY };
  return useDraftStore.getState().drafts[conversationId] ?? { text: '', mentions: NOBODY };
}
