import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Root } from '@/pages/Root';
import { client } from '@/services/client';
import { startSettings } from '@/stores/settingsStore';
import '@/theme/tokens.css';
import '@/theme/base.css';

client.start();

await startSettings();

const container = document.getElementById('root');
if (!container) throw new Error('index.html has no #root');
createRoot(container).render(
  <StrictMode>
    <Root />
  </StrictMode>,
);
