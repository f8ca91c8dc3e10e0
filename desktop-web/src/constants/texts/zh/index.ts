import type { TextName } from '@/constants/texts/en';
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

/** The Chinese texts. */
export const zh: Readonly<Record<TextName, string>> = {
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
};
