import { Navigate, type RouteObject } from 'react-router';
import { FailurePage } from './FailurePage';
import { RequireAccount } from './RequireAccount';
import { RequireMember } from './RequireMember';
import type { PageHandle } from './Shell';

/** All addresses. Pages come in chunks of their own, so that signing in does not wait for the chats. */
export const routes: RouteObject[] = [
  {
    element: <RequireAccount signedIn={false} />,
    errorElement: <FailurePage />,
    // Chunks come faster than an eye sees a spinner.
    hydrateFallbackElement: <></>,
    children: [
      { path: '/login', lazy: async () => ({ Component: (await import('./auth/LoginPage')).LoginPage }) },
      {
        path: '/register',
        lazy: async () => ({ Component: (await import('./auth/RegisterPage')).RegisterPage }),
      },
      { path: '/guest', lazy: async () => ({ Component: (await import('./auth/GuestPage')).GuestPage }) },
      { path: '/forgot', lazy: async () => ({ Component: (await import('./auth/ForgotPage')).ForgotPage }) },
    ],
  },
  // The address of a mail: good for whoever opens it.
  {
    path: '/reset',
    errorElement: <FailurePage />,
    hydrateFallbackElement: <></>,
    lazy: async () => ({ Component: (await import('./auth/ResetPage')).ResetPage }),
  },
  {
    element: <RequireAccount signedIn />,
    errorElement: <FailurePage />,
    hydrateFallbackElement: <></>,
    children: [
      {
        lazy: async () => ({ Component: (await import('./Shell')).Shell }),
        children: [
          {
            path: '/world',
            handle: { view: 'wide' } satisfies PageHandle,
            lazy: async () => ({ Component: (await import('./world/WorldPage')).WorldPage }),
          },
          {
            path: '/connection',
            handle: { view: 'wide' } satisfies PageHandle,
            lazy: async () => ({ Component: (await import('./connection/ConnectionPage')).ConnectionPage }),
          },
          {
            path: '/settings/:section?',
            handle: { view: 'page' } satisfies PageHandle,
            lazy: async () => ({ Component: (await import('./settings/SettingsPage')).SettingsPage }),
          },
          {
            element: <RequireMember />,
            children: [
              {
                path: '/chats/:conversationId?/:seq?',
                lazy: async () => ({ Component: (await import('./chats/ChatsPage')).ChatsPage }),
              },
              {
                path: '/join/:groupId',
                handle: { view: 'wide' } satisfies PageHandle,
                lazy: async () => ({ Component: (await import('./join/JoinPage')).JoinPage }),
              },
              {
                path: '/contacts/groups',
                lazy: async () => ({ Component: (await import('./contacts/ContactsPage')).ContactsPage }),
              },
              {
                path: '/contacts/:friendId?',
                lazy: async () => ({ Component: (await import('./contacts/ContactsPage')).ContactsPage }),
              },
            ],
          },
        ],
      },
    ],
  },
  { path: '*', element: <Navigate to="/chats" replace /> },
];
