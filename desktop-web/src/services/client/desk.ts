import { Files } from '@/services/api/files';
import { SessionEnded } from '@/services/session/errors';
import type { ClientEvent, Emit } from '@/types/event';
import type { ConversationId } from '@/types/ids';
import { report } from '@/utils/report';
import type { Accounts, SignIn } from './accounts';
import type { Work } from './actions';
import type { Surroundings } from './surroundings';
import type { Call } from './tabs/channel';
import type { Workspace } from './workspace';
import { workOf } from './workspaceActions';

/** Where the leading tab works: the workspace of whoever is signed in, and what is asked of it. `close` ends it. */
export class Desk {
  /** Until it has loaded what this device holds, who asks waits. Null: nobody is signed in. */
  private work: Promise<Work> | null = null;
  private workspace: Workspace | null = null;
  private signIn: SignIn | null = null;
  private follows: ReadonlySet<ConversationId> = new Set();

  constructor(
    private readonly accounts: Accounts,
    private readonly openWorkspace: Surroundings['openWorkspace'],
    private readonly emit: Emit,
  ) {}

  /** Works for somebody else from now on, or for nobody. */
  open(signIn: SignIn): void {
    this.close();
    this.signIn = signIn;
    if (!signIn.account) return;
    this.work = this.begin(signIn);
    this.work.catch((error: unknown) => report('the workspace could not be opened', error));
  }

  /** Rejects with what the action rejects with, and with SessionEnded when nobody is signed in. */
  async perform({ action, args }: Call): Promise<unknown> {
    if (!this.work) throw new SessionEnded('not signed in');
    const work = await this.work;
    // The types of action and arguments were checked where it was asked for.
    return (work[action] as (...args: readonly unknown[]) => unknown).apply(work, [...args]);
  }

  /** Which conversations of everybody some tab shows. */
  follow(wanted: ReadonlySet<ConversationId>): void {
    const before = this.follows;
    this.follows = wanted;
    for (const id of before) if (!wanted.has(id)) this.workspace?.engine.unfollow(id);
    for (const id of wanted) if (!before.has(id)) this.workspace?.engine.follow(id);
  }

  close(): void {
    this.workspace?.close();
    this.workspace = null;
    this.work = null;
    this.signIn = null;
  }

  private async begin(signIn: SignIn): Promise<Work> {
    const { account } = signIn;
    if (!account) throw new SessionEnded('not signed in');
    const { http, api, deviceId } = this.accounts;
    const workspace = await this.openWorkspace({
      userId: account.userId,
      isGuest: account.isGuest,
      deviceId,
      api,
      files: new Files(http),
      credentials: { token: () => http.token(), renew: () => http.renew() },
      emit: (event: ClientEvent) => this.isCurrent(signIn) && this.emit(event),
    });
    const giveUp = () => {
      workspace.close();
      throw new SessionEnded('signed out');
    };
    if (!this.isCurrent(signIn)) return giveUp();
    this.workspace = workspace;
    for (const id of this.follows) workspace.engine.follow(id);
    await workspace.load();
    if (!this.isCurrent(signIn)) return giveUp();
    workspace.connect();
    return workOf(workspace);
  }

  private isCurrent(signIn: SignIn): boolean {
    return this.signIn === signIn;
  }
}
