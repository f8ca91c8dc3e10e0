import { Button } from '@/components/common/Button';
import { useEffect, useState } from 'react';
import { Icon } from '@/components/common/Icon';
import { useConnectionStore } from '@/stores/connectionStore';
import { useLatencyStore } from '@/stores/latencyStore';
import shared from '@/theme/shared.module.css';
import { diagnosticsText } from '@/utils/diagnostics';
import { report } from '@/utils/report';
import { t } from '@/utils/t';

/** How long the button says that it was done, milliseconds. */
const DONE_MS = 2_000;

/** Puts what helps to find out what is wrong on the clipboard. */
export function CopyDiagnostics() {
  const [isDone, setIsDone] = useState(false);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setIsDone(false), DONE_MS);
    return () => clearTimeout(timer);
  }, [isDone]);
  const copy = () => {
    const text = diagnosticsText({
      ...useLatencyStore.getState(),
      connection: useConnectionStore.getState().connection,
      version: __APP_VERSION__,
      online: navigator.onLine,
      browser: navigator.userAgent,
      now: Date.now(),
    });
    navigator.clipboard.writeText(text).then(
      () => setIsDone(true),
      (error: unknown) => report('the diagnostics could not be copied', error),
    );
  };
  return (
    <>
      <Button icon={<Icon name={isDone ? 'check' : 'copy'} size="small" />} onClick={copy}>
        {t(isDone ? 'copied' : 'copyDiagnostics')}
      </Button>
      <span className={shared.hidden} role="status">
        {isDone && t('copied')}
      </span>
    </>
  );
}
