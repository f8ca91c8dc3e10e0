import { auth } from './auth';
import { chats } from './chats';
import { common } from './common';
import { composer } from './composer';
import { connection } from './connection';
import { contacts } from './contacts';
import { emoji } from './emoji';
import { errors } from './errors';
import { groups } from './groups';
import { log } from './log';
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
  ...log,
  ...world,
} as const;

export type TextName = keyof typeof en;
