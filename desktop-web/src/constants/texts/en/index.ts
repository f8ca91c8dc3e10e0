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
import { session } from './session';
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
  ...session,
  ...world,
} as const;

export type TextName = keyof typeof en;
