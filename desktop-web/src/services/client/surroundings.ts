import { entryScript } from '@/services/shell/serviceWorker';
import type { TabBuild } from './tabs/channel';
import { Workspace, type WorkspaceParts } from './workspace';

/** What a tab hears of its page. */
export interface PageListener {
  readonly onVisibility: (visible: boolean) => void;
  /** The page ends, or is put away and may come back as it is. */
  readonly onHidden: () => void;
}

/** What a tab has around it. */
export interface Surroundings {
  /** Undefined in old browsers and in pages without TLS. */
  readonly locks: LockManager | undefined;
  readonly local: globalThis.Storage;
  readonly openChannel: () => BroadcastChannel;
  readonly openWorkspace: (parts: WorkspaceParts) => Promise<Workspace>;
  /** Says at once whether the page is visible, then what happens. */
  readonly listen: (listener: PageListener) => void;
  /** Returns how to stop. */
  readonly everySecond: (tick: () => void) => () => void;
  readonly build: TabBuild;
  readonly reload: () => void;
}

/** The name of the channel of all tabs. */
export const CHANNEL = 'im-rs.tabs';

export const browser: Surroundings = {
  get locks() {
    return 'locks' in navigator ? navigator.locks : undefined;
  },
  get local() {
    return localStorage;
  },
  openChannel: () => new BroadcastChannel(CHANNEL),
  openWorkspace: (parts) => Workspace.open(parts),
  get build() {
    return { entry: entryScript(), loadedAt: performance.timeOrigin };
  },
  reload: () => location.reload(),
  everySecond: (tick) => {
    const ticking = setInterval(tick, 1_000);
    return () => clearInterval(ticking);
  },
  listen: ({ onVisibility, onHidden }) => {
    const tellVisibility = () => onVisibility(document.visibilityState === 'visible');
    tellVisibility();
    document.addEventListener('visibilitychange', tellVisibility);
    window.addEventListener('pagehide', onHidden);
    // It resigned when it was put away, and other tabs went on: it begins anew.
    window.addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
  },
};
