import { Suspense, useCallback, useMemo, useState } from 'react';
import { Virtualizer } from 'virtua';
import { useAnnouncements } from '@/hooks/useAnnouncements';
import { useCalledNames } from '@/hooks/useCalledNames';
import { useGroupReads } from '@/hooks/useGroupReads';
import { useGroupRoles } from '@/hooks/useGroupRoles';
import { useLogKeys } from '@/hooks/useLogKeys';
import { useLogPages } from '@/hooks/useLogPages';
import { useLogRows } from '@/hooks/useLogRows';
import { useLogScroll, type Place } from '@/hooks/useLogScroll';
import { useLogTarget, type LogTarget } from '@/hooks/useLogTarget';
import { useMarkRead } from '@/hooks/useMarkRead';
import { useMessageCommands } from '@/hooks/useMessageCommands';
import { useOwnSend } from '@/hooks/useOwnSend';
import { useQuotes } from '@/hooks/useQuotes';
import { useUnseen } from '@/hooks/useUnseen';
import { useVirtualRows } from '@/hooks/useVirtualRows';
import { ConversationType } from '@/protocol/codes';
import type { LogView } from '@/stores/chatStore';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import type { Seq, UserId } from '@/types/ids';
import { classes } from '@/utils/classes';
import { seqOf, type MessageRow } from '@/utils/logRows';
import { t } from '@/utils/t';
import { JumpButtons } from './JumpButtons';
import type { MenuPlace } from '@/hooks/usePopup';
import { LogContext, type LogShared } from './logContext';
import { ImageViewer, PersonDialog, ReceiptsDialog } from './logDialogs';
import { LogRowView } from './LogRowView';
import { RowMenu } from './RowMenu';
import { TypingLine } from './TypingLine';
import styles from './MessageLog.module.css';

/** Rows are drawn so far around the view, pixels: a wheel moves it by less between two frames. */
const BUFFER_PX = 1_200;

interface OpenMenu {
  readonly row: MessageRow;
  readonly place: MenuPlace;
  readonly part: 'all' | 'reactions';
}

/** What lies over a log. */
type Dialog =
  | { readonly kind: 'picture'; readonly key: string }
  | { readonly kind: 'person'; readonly userId: UserId }
  | { readonly kind: 'receipts'; readonly seq: Seq };

interface MessageLogProps {
  readonly conversation: Conversation;
  readonly log: LogView;
  readonly self: UserId;
  /** Stands before the first message. */
  readonly beginning: string;
  /** The same function as long as the names are. */
  readonly nameOf: (userId: UserId) => string;
  /** More than two talk here: each group of messages has the name of its sender. */
  readonly showsSenders?: boolean;
  readonly canWrite?: boolean;
  /** The user may take back what others wrote. */
  readonly canModerate?: boolean;
  /** The message that an address leads to. */
  readonly target?: LogTarget | null;
}

/** The messages of one conversation. Made anew for each conversation, so that its state belongs to one. */
export function MessageLog({
  conversation,
  log,
  self,
  beginning,
  nameOf,
  showsSenders = false,
  canWrite = true,
  canModerate = false,
  target = null,
}: MessageLogProps) {
  const { id, type } = conversation;
  // The line stays where it was when the conversation was opened, until it is left.
  const [opened] = useState(() => ({
    unread: conversation.unread,
    after: conversation.unread > 0 && type !== ConversationType.World ? conversation.readSeq : null,
  }));
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const calledNames = useCalledNames();
  const roleOf = useGroupRoles(conversation);
  const commands = useMessageCommands(id, { canWrite, canModerate });

  const wanted = useLogRows(conversation, log, self, opened.after);
  const shown = useVirtualRows(wanted);
  const { rows } = shown;
  const pages = useLogPages(id, log);
  const [opening] = useState<Place>(() =>
    target ? { kind: 'message', seq: target.seq } : { kind: 'unread' },
  );
  const scroll = useLogScroll({
    shown,
    first: log.first,
    last: log.last,
    opening,
    loadOlder: pages.older,
    loadNewer: pages.newer,
  });
  const { scroller, list, onScroll, onResize, atEnd, visible, goTo } = scroll;
  const aim = useLogTarget(id, target, rows, scroll);
  const toNewest = useCallback(() => {
    if (!goTo({ kind: 'end' })) pages.reopen();
  }, [goTo, pages]);
  const openMenu = useCallback(
    (row: MessageRow, place: MenuPlace, part: OpenMenu['part'] = 'all') => setMenu({ row, place, part }),
    [],
  );
  const keys = useLogKeys({ rows, scroll, commands, openMenu, toNewest });
  const unseen = useUnseen(conversation, rows, visible, atEnd);
  const readBy = useGroupReads(conversation, rows, visible, type === ConversationType.Group && canWrite);
  const announcement = useAnnouncements(log, wanted, nameOf);
  useMarkRead(conversation, rows, scroll);
  useQuotes(id, rows, visible);
  useOwnSend(id, toNewest);

  const context = useMemo(
    (): LogShared => ({
      conversationId: id,
      self,
      nameOf,
      calledNames,
      roleOf,
      showsSenders,
      canWrite,
      canModerate,
      openMenu,
      reply: commands.reply,
      goTo: aim.goTo,
      openPicture: (key) => setDialog({ kind: 'picture', key }),
      openPerson: (userId) => setDialog({ kind: 'person', userId }),
      showReceipts: (seq) => setDialog({ kind: 'receipts', seq }),
    }),
    [
      id,
      self,
      nameOf,
      calledNames,
      roleOf,
      showsSenders,
      canWrite,
      canModerate,
      openMenu,
      commands.reply,
      aim.goTo,
    ],
  );

  const { refocus, settle } = keys;
  const resized = useCallback(() => {
    onResize();
    settle();
  }, [onResize, settle]);
  const closeMenu = useCallback(
    (moved: boolean) => {
      setMenu(null);
      if (!moved) refocus();
    },
    [refocus],
  );
  const closeDialog = useCallback(() => setDialog(null), []);
  const mounted = useMemo(() => (keys.activeIndex < 0 ? [] : [keys.activeIndex]), [keys.activeIndex]);

  return (
    <LogContext value={context}>
      <div className={styles.wrap}>
        <div
          className={classes(shared.scroll, styles.view)}
          ref={scroller}
          role="log"
          // What is said is said by the line below: a log that says everything would read history aloud.
          aria-live="off"
          aria-busy={!scroll.isSettled}
          aria-label={t('messageLog')}
          onScroll={onScroll}
          onKeyDown={keys.onKeyDown}
          onFocus={keys.onFocus}
          onBlur={keys.onBlur}
        >
          <div className={styles.space} />
          <Virtualizer
            key={shown.generation}
            ref={list}
            data={rows}
            shift={shown.shift}
            bufferSize={BUFFER_PX}
            keepMounted={mounted}
            onResize={resized}
          >
            {(row) => {
              const seq = seqOf(row);
              return (
                <LogRowView
                  key={row.key}
                  row={row}
                  beginning={beginning}
                  unread={opened.unread}
                  active={row.key === keys.activeKey}
                  current={seq !== null && seq === aim.current}
                  outlined={seq !== null && seq === aim.outlined}
                  readBy={readBy(row)}
                />
              );
            }}
          </Virtualizer>
          <TypingLine conversationId={id} nameOf={nameOf} onChange={onResize} />
        </div>
        {pages.loading && (
          <p className={classes(shared.raised, styles.loading)} role="status">
            {t('loadingOlder')}
          </p>
        )}
        <p className={shared.hidden} aria-live="polite">
          {announcement}
        </p>
        {!atEnd && rows.length > 0 && (
          <JumpButtons
            unseen={unseen.count}
            mentions={unseen.mentions.length}
            onEnd={toNewest}
            onMention={() => unseen.mentions[0] !== undefined && aim.goTo(unseen.mentions[0])}
          />
        )}
        {menu && (
          <RowMenu
            {...menu}
            rights={{ canWrite, canModerate }}
            hasReceipts={menu.row.own && type === ConversationType.Group}
            commands={commands}
            self={self}
            onReceipts={context.showReceipts}
            onClose={closeMenu}
          />
        )}
        <Suspense>
          {dialog?.kind === 'picture' && (
            <ImageViewer
              conversationId={id}
              rows={rows}
              openKey={dialog.key}
              nameOf={(userId) => (userId === self ? t('you') : nameOf(userId))}
              onClose={closeDialog}
            />
          )}
          {dialog?.kind === 'person' && <PersonDialog userId={dialog.userId} onClose={closeDialog} />}
          {dialog?.kind === 'receipts' && (
            <ReceiptsDialog conversationId={id} seq={dialog.seq} onClose={closeDialog} />
          )}
        </Suspense>
      </div>
    </LogContext>
  );
}
