import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Root } from '@/pages/Root';
import { client } from '@/services/client';
import { startSettings } from '@/stores/settingsStore';
import { report } from '@/utils/report';
import '@/theme/tokens.css';
import '@/theme/base.css';

client.start().catch((error: unknown) => report('the client could not start', error));

await startSettings();

const container = document.getElementById('root');
if (!container) throw new Error('index.html has no #root');
createRoot(container).render(
  <StrictMode>
    <Root />
  </StrictMode>,
);
