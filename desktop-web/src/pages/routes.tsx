import { Navigate, type RouteObject } from 'react-router';
import { FailurePage } from './FailurePage';
import { RequireAccount } from './RequireAccount';
import { RequireMember } from './RequireMember';

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
    ],
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
            lazy: async () => ({ Component: (await import('./world/WorldPage')).WorldPage }),
          },
          {
            element: <RequireMember />,
            children: [
              {
                path: '/chats/:conversationId?',
                lazy: async () => ({ Component: (await import('./chats/ChatsPage')).ChatsPage }),
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
