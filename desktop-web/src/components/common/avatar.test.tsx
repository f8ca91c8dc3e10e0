import { act, fireEvent, render, screen } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { ConversationType } from '@/protocol/codes';
import { applyEvent } from '@/stores/applyEvent';
import { ACCOUNT, ALICE, BOB, makeConversation } from '@/test/people';
import { Avatar } from './Avatar';

const PICTURE = '/api/v1/files/abc/original';
const picture = () => document.querySelector('img');

/** H4 */
describe('an avatar', () => {
  beforeEach(() => {
    applyEvent({ type: 'signedIn', account: ACCOUNT });
  });

  it('shows the picture of who is known, over the initial', () => {
    applyEvent({ type: 'profilesLoaded', profiles: [{ ...BOB, avatar: PICTURE }] });
    render(<Avatar id={BOB.userId} name="Bob" />);
    expect(picture()).toHaveAttribute('src', PICTURE);
    expect(picture()).toHaveAttribute('loading', 'lazy');
    expect(screen.getByText('B')).toBeInTheDocument();
  });

  it('follows a new picture of the own account', () => {
    render(<Avatar id={ALICE.userId} name="Alice" />);
    expect(picture()).toBeNull();
    act(() => applyEvent({ type: 'ownProfileChanged', nickname: 'Alice', avatar: PICTURE }));
    expect(picture()).toHaveAttribute('src', PICTURE);
  });

  it('falls back to the initial when the picture fails, until there is another one', () => {
    const { rerender } = render(<Avatar id="9" name="Bob" picture={PICTURE} />);
    const broken = picture();
    if (!broken) throw new Error('no picture');
    fireEvent.error(broken);
    expect(picture()).toBeNull();
    rerender(<Avatar id="9" name="Bob" picture="/api/v1/files/def/original" />);
    expect(picture()).toHaveAttribute('src', '/api/v1/files/def/original');
  });

  /** No request of the page goes elsewhere. */
  it.each(['https://tracker.example/bob.png', '//tracker.example/bob.png', '/\\tracker.example/bob.png'])(
    'does not load %s, which is not of this server',
    (avatar) => {
      applyEvent({ type: 'profilesLoaded', profiles: [{ ...BOB, avatar }] });
      render(<Avatar id={BOB.userId} name="Bob" />);
      expect(picture()).toBeNull();
    },
  );

  it('shows what was just chosen, before it is uploaded', () => {
    render(<Avatar id="9" name="Tea" group picture="blob:http://localhost/1" />);
    expect(picture()).toHaveAttribute('src', 'blob:http://localhost/1');
  });

  it('is that of the group, not of a person with the same number', () => {
    applyEvent({ type: 'profilesLoaded', profiles: [{ ...BOB, avatar: '/api/v1/files/bob/original' }] });
    applyEvent({
      type: 'conversationsChanged',
      conversations: [
        makeConversation(BOB.userId, 1, { type: ConversationType.Group, peerId: null, avatar: PICTURE }),
      ],
    });
    render(<Avatar id={BOB.userId} name="Tea" group />);
    expect(picture()).toHaveAttribute('src', PICTURE);
  });

  it('says in words who is online', () => {
    render(<Avatar id="9" name="Bob" online />);
    expect(screen.getByText('online')).toBeInTheDocument();
  });
});
