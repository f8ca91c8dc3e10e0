import { auth } from './auth';
import { chats } from './chats';
import { common } from './common';
import { composer } from './composer';
import { connection } from './connection';
import { contacts } from './contacts';
import { emoji } from './emoji';
import { errors } from './errors';
import { groups } from './groups';
import { latency } from './latency';
import { log } from './log';
import { messageLog } from './messageLog';
import { session } from './session';
import { settings } from './settings';
import { search } from './search';
import { notifications } from './notifications';
import { world } from './world';

/** The English texts: the reference for the names of all texts. `{name}` is replaced by a parameter. */
export const en = {
  ...auth,
  ...chats,
  ...common,
  ...composer,
  ...connection,
  ...contacts,
  ...emoji,
  ...errors,
  ...groups,
  ...latency,
  ...log,
  ...messageLog,
  ...session,
  ...settings,
  ...search,
  ...notifications,
  ...world,
} as const;

export type TextName = keyof typeof en;
