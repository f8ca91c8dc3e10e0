import { CHOICES_CACHE, LANGUAGE_ADDRESS } from '@/types/worker';

/** The language that was chosen on this device, else that of the browser. */
export async function chosenLanguage(caches: CacheStorage, browser: string): Promise<string> {
  try {
    const cache = await caches.open(CHOICES_CACHE);
    return (await (await cache.match(LANGUAGE_ADDRESS))?.text()) ?? browser;
  } catch {
    // A push has to be shown, in whatever language.
    return browser;
  }
}
