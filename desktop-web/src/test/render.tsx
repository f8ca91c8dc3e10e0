import { App, ConfigProvider } from 'antd';
import { render, type RenderResult } from '@testing-library/react';
import type { ReactElement } from 'react';
import { createMemoryRouter, RouterProvider } from 'react-router';

/** Shows an element at an address, as the pages do; motion off, so that nothing has to be waited for. */
export function renderAt(element: ReactElement, path: string = '/', pattern: string = '*'): RenderResult {
  const router = createMemoryRouter(
    [
      { path: pattern, element },
      { path: '*', element: <p>elsewhere</p> },
    ],
    { initialEntries: [path] },
  );
  return render(
    <ConfigProvider theme={{ token: { motion: false } }}>
      <App component={false}>
        <RouterProvider router={router} />
      </App>
    </ConfigProvider>,
  );
}
