// Entries in one line of words: for the lines between messages, for quotes and for the list of chats.

import { EntryType } from '@/protocol/codes';
import type { TextName } from '@/constants/texts/en';
import type { Entry } from '@/types/entry';
import type { UserId } from '@/types/ids';
import { groupChange, memberChange, reactionChange, type MemberChange } from './content';
import { Fold } from './fold';
import { bodyOf, type MessageBody } from './messageBody';
import { t } from './t';

/** Who is meant, for whom. */
export interface People {
  readonly self: UserId | undefined;
  readonly nameOf: (userId: UserId) => string;
}

const MEDIA_NAMES: Partial<Record<EntryType, TextName>> = {
  [EntryType.Image]: 'photo',
  [EntryType.File]: 'file',
  [EntryType.Voice]: 'voice',
  [EntryType.Video]: 'video',
};

/** The words of a message without its sender. */
export function bodyText(body: MessageBody): string {
  switch (body.kind) {
    case 'text':
      return body.text;
    case 'media': {
      const words = body.caption || body.name;
      const kind = `[${t(MEDIA_NAMES[body.type] ?? 'file')}]`;
      return words ? `${kind} ${words}` : kind;
    }
    case 'notice':
      return body.title;
    case 'recalled':
      return t('recalledMessage');
    case 'unsupported':
      return t('unsupportedMessage');
  }
}

/** What happened to the group or its members, or that a message was taken back; null: nothing to say. */
export function eventText(entry: Entry, people: People): string | null {
  const who = name(entry.senderId, people);
  const members = memberChange(entry);
  if (members) return memberText(members, who, people);
  const group = groupChange(entry);
  if (!group) return null;
  if (group.created) return t('eventCreated', { who });
  if (group.name !== undefined) return t('eventRenamed', { who, name: group.name });
  if (group.silenced !== undefined) return t(group.silenced ? 'eventSilencedAll' : 'eventVoiceAll', { who });
  return t('eventChanged', { who });
}

/** That somebody took a message back. */
export function recalledText(senderId: UserId, by: UserId | null, people: People): string {
  if (by !== null && by !== senderId && by !== people.self)
    return t('recalledBy', { who: name(by, people), sender: name(senderId, people) });
  const who = by ?? senderId;
  return who === people.self ? t('recalledOwn') : t('recalledOther', { who: name(who, people) });
}

/** An entry in the list of chats: who wrote it, where that has to be said, and what. */
export interface Preview {
  /** Empty: the other one, or the text says it. */
  readonly who: string;
  readonly text: string;
}

/** The newest entry of a conversation for its row in the list. `showsSender`: more than two talk there. */
export function previewOf(entry: Entry, people: People, showsSender: boolean): Preview {
  const event = eventText(entry, people);
  if (event !== null) return { who: '', text: event };
  const own = entry.senderId === people.self;
  const who = showsSender ? name(entry.senderId, people) : '';
  switch (entry.type) {
    case EntryType.Recall:
      return { who: '', text: recalledText(entry.senderId, entry.senderId, people) };
    case EntryType.Reaction: {
      const change = reactionChange(entry);
      if (!change) return { who: '', text: t('unsupportedMessage') };
      const names = { who: name(entry.senderId, people), reaction: change.reaction };
      if (change.on) return { who: '', text: t(own ? 'reactedOwn' : 'reacted', names) };
      return { who: '', text: t(own ? 'unreactedOwn' : 'unreacted', names) };
    }
    case EntryType.Edit:
      if (entry.recalledSeq > 0) return { who, text: t('recalledMessage') };
      return { who, text: `${t('edited')}: ${entry.text}` };
    default: {
      const fold = new Fold();
      fold.add([entry]);
      const message = fold.message(entry.seq);
      if (!message) return { who: '', text: t('unsupportedMessage') };
      const body = bodyOf(message);
      if (body.kind === 'recalled') return { who: '', text: recalledText(entry.senderId, body.by, people) };
      return { who: body.kind === 'notice' ? '' : who, text: bodyText(body) };
    }
  }
}

function memberText(change: MemberChange, who: string, people: People): string {
  switch (change.change) {
    case 'joined':
      return t('eventJoined', { who });
    case 'invited':
      return t('eventInvited', { who, whom: names(change.users, people) });
    case 'admitted':
      return t('eventAdmitted', { who, whom: object(change.user, people) });
    case 'removed':
      return t('eventRemoved', { who, whom: object(change.user, people) });
    case 'left': {
      const left = t('eventLeft', { who });
      return change.owner ? `${left} ${ownerText(change.owner, people)}` : left;
    }
    case 'transferred':
      return ownerText(change.user, people);
    case 'role': {
      const admin = change.role === 'admin';
      if (change.user === people.self) return t(admin ? 'eventAdminOwn' : 'eventMemberOwn');
      return t(admin ? 'eventAdmin' : 'eventMember', { whom: name(change.user, people) });
    }
    case 'silenced': {
      const whom = object(change.user, people);
      if (change.until === 0) return t('eventVoice', { who, whom });
      return t('eventSilenced', { who, whom });
    }
    case 'dissolved':
      return t('eventDissolved', { who });
  }
}

function ownerText(user: UserId, people: People): string {
  return user === people.self ? t('eventOwnerOwn') : t('eventOwner', { whom: name(user, people) });
}

function names(users: readonly UserId[], people: People): string {
  return users.map((user) => object(user, people)).join(t('listSeparator'));
}

/** Somebody as the one to whom something is done. */
function object(user: UserId, people: People): string {
  return user === people.self ? t('youObject') : name(user, people);
}

function name(user: UserId, { self, nameOf }: People): string {
  return user === self ? t('you') : nameOf(user) || t('unknownPerson');
}
