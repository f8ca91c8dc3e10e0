/** A link that may be followed. */
export interface SafeLink {
  readonly href: string;
  /** As it was written, with its host in a form that cannot be taken for another's. */
  readonly shown: string;
}

const PROTOCOLS: ReadonlySet<string> = new Set(['http:', 'https:', 'mailto:']);

/** Letters that stand together in a name of one language; anything else looks like what it is not. After UTS 39, "highly restrictive". */
const TOGETHER: readonly RegExp[] = [
  // Latin of European languages only: the rest of the script is full of letters that look like these.
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}a-z\u00df-\u00f6\u00f8-\u017f0-9.-]+$/u,
  ...['Cyrillic', 'Greek', 'Arabic', 'Hebrew', 'Thai', 'Devanagari'].map(
    (script) => new RegExp(`^[\\p{Script=${script}}\\p{Mark}0-9.-]+$`, 'u'),
  ),
];

/**
 * What to follow and to show for an address in a text; null: no link. Only http, https and mailto are; an address that hides its host
 * behind a user's name is not. A host that mixes scripts is shown as it goes out (punycode).
 */
export function safeLink(written: string): SafeLink | null {
  const isMail = !/^[a-z]+:/i.test(written) && written.includes('@');
  const wanted = isMail ? `mailto:${written}` : /^www\./i.test(written) ? `https://${written}` : written;
  let url: URL;
  try {
    url = new URL(wanted);
  } catch {
    return null;
  }
  if (!PROTOCOLS.has(url.protocol)) return null;
  if (url.protocol === 'mailto:') return { href: url.href, shown: written };
  if (url.username || url.password || !url.hostname) return null;
  const host = /^(?:[a-z]+:\/\/)?([^/?#\\]*)/i.exec(written)?.[1] ?? '';
  const looksLikeItself = isOneScript(host.replace(/:\d*$/, '').normalize('NFC').toLowerCase());
  const shown = looksLikeItself ? written : written.replace(host, url.host);
  return { href: url.href, shown };
}

function isOneScript(host: string): boolean {
  return TOGETHER.some((letters) => letters.test(host));
}
