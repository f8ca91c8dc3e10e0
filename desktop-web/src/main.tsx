import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Root } from '@/pages/Root';
import { client, startBackground } from '@/services/client';
import { startNotificationChoices } from '@/stores/notificationStore';
import { startSettings } from '@/stores/settingsStore';
import '@/theme/tokens.css';
import '@/theme/base.css';

client.start();
startNotificationChoices();
startBackground();

await startSettings();

const container = document.getElementById('root');
if (!container) throw new Error('index.html has no #root');
createRoot(container).render(
  <StrictMode>
    <Root />
  </StrictMode>,
);
