import { render, type RenderResult } from '@testing-library/react';
import type { ReactElement } from 'react';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { Feedback } from '@/components/feedback/Feedback';

/** Shows an element at an address, as the pages do. */
export function renderAt(element: ReactElement, path: string = '/', pattern: string = '*'): RenderResult {
  const router = createMemoryRouter(
    [
      { path: pattern, element },
      { path: '*', element: <p>elsewhere</p> },
    ],
    { initialEntries: [path] },
  );
  return render(
    <>
      <RouterProvider router={router} />
      <Feedback />
    </>,
  );
}
