import { describe, expect, it, vi } from 'vitest';
import { Vigil } from './vigil';

function watched() {
  let tick: (() => void) | null = null;
  const onSilent = vi.fn();
  const ask = vi.fn(() => vigil.asked());
  const vigil: Vigil = new Vigil({
    everySecond: (wanted) => {
      tick = wanted;
      return () => (tick = null);
    },
    ask,
    onSilent,
  });
  const pass = (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) tick?.();
  };
  return { vigil, pass, ask, onSilent };
}

/** H16 */
describe('the vigil of a tab that follows', () => {
  it('asks as soon as somebody sees the tab, and waits five seconds for the answer', () => {
    const { vigil, pass, ask, onSilent } = watched();
    vigil.watch(true);
    expect(ask).toHaveBeenCalledOnce();
    pass(4);
    expect(onSilent).not.toHaveBeenCalled();
    pass(1);
    expect(onSilent).toHaveBeenCalledOnce();
  });

  it('leaves a leading tab alone that answers, and asks it again', () => {
    const { vigil, pass, ask, onSilent } = watched();
    ask.mockImplementation(() => {
      vigil.asked();
      vigil.heard();
    });
    vigil.watch(true);
    pass(60);
    expect(ask).toHaveBeenCalledTimes(7);
    expect(onSilent).not.toHaveBeenCalled();
  });

  it('counts nothing while nobody sees the tab, and begins anew after that', () => {
    const { vigil, pass, onSilent } = watched();
    vigil.asked();
    pass(60);
    vigil.watch(true);
    pass(4);
    vigil.watch(false);
    pass(60);
    vigil.watch(true);
    pass(4);
    expect(onSilent).not.toHaveBeenCalled();
    pass(1);
    expect(onSilent).toHaveBeenCalledOnce();
  });
});
