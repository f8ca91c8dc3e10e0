import type { Seq, UserId } from './ids';

/** Who has received and read an entry: the counts, and a page of members. */
export interface Receipts {
  /** Members that could get the entry, its sender apart. */
  readonly members: number;
  readonly delivered: number;
  readonly read: number;
  readonly receipts: readonly {
    readonly userId: UserId;
    readonly readSeq: Seq;
    readonly deliveredSeq: Seq;
  }[];
  /** The next page begins after this member; null: this is the last one. */
  readonly nextUserId: UserId | null;
}
