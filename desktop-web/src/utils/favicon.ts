import { formatCount } from './text';

/** The tabs of a browser are light or dark whatever the page is, so the dot is what both let stand out. */
export interface BadgeColours {
  readonly fill: string;
  readonly text: string;
  /** Cuts the dot out of the logo. */
  readonly ring: string;
}

/** The logo (an SVG of 40 x 40) with a dot that says how much is unread; as it is when nothing is. */
export function withBadge(logo: string, count: number, { fill, text, ring }: BadgeColours): string {
  if (count <= 0) return logo;
  const label = formatCount(count);
  const width = label.length > 1 ? 14 + 6 * (label.length - 1) : 18;
  const x = 40 - width;
  const badge =
    `<rect x="${x - 1.5}" y="0" width="${width + 1.5}" height="21" rx="10.5" fill="${ring}"/>` +
    `<rect x="${x}" y="1.5" width="${width}" height="18" rx="9" fill="${fill}"/>` +
    `<text x="${x + width / 2}" y="15.5" text-anchor="middle" font-family="system-ui, sans-serif" ` +
    `font-size="14" font-weight="700" fill="${text}">${label}</text>`;
  return logo.replace('</svg>', `${badge}</svg>`);
}

export function asDataUrl(svg: string): string {
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
