import type { ClientEvent } from '@/types/event';
import type { ConversationId } from '@/types/ids';
import type { TabId, TabView } from './channel';

export type Attention = Omit<Extract<ClientEvent, { type: 'attentionChanged' }>, 'type'>;

/** What all tabs together have on their screens. Pure. */
export class Views {
  private readonly views = new Map<TabId, TabView>();

  set(tab: TabId, view: TabView): void {
    this.views.set(tab, view);
  }

  delete(tab: TabId): void {
    this.views.delete(tab);
  }

  /** Conversations of everybody that some tab shows. */
  get follows(): ReadonlySet<ConversationId> {
    return new Set([...this.views.values()].flatMap(({ follows }) => follows));
  }

  get attention(): Attention {
    const views = [...this.views.values()];
    const watched = new Set(views.flatMap((view) => (view.watched ? [view.watched] : [])));
    return { visible: views.some(({ visible }) => visible), watched: [...watched].sort() };
  }
}
