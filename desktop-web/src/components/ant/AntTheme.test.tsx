import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { Checkbox } from './parts';

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

/** The tests' browser asks for reduced motion. */
it('draws no wave around what is clicked when less motion is asked for', async () => {
  render(<Checkbox>Tea</Checkbox>);
  await userEvent.click(screen.getByRole('checkbox', { name: 'Tea' }));
  // The library looks at the click in the next frame, and draws in the one after it.
  await frame();
  await frame();
  await frame();
  expect(document.body.querySelector('.ant-wave')).toBeNull();
});
