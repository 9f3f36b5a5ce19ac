/** Sizes and digests for people. */
import type { Digest } from './reference';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** A size in the user's language, to three digits: 640 byte, 1.23 MB. */
export function formatSize(bytes: number, locale?: string): string {
  const power = Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const exponent = Math.min(power, UNITS.length - 1);
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: UNITS[exponent],
    unitDisplay: exponent === 0 ? 'long' : 'short',
    maximumSignificantDigits: 3
  }).format(bytes / 1000 ** exponent);
}

/** Enough of a digest to tell it from others by eye. */
export function shortDigest(digest: Digest): string {
  return digest.slice(0, 12);
}

/** JupyterLab's language code as browsers spell it, or undefined for the browser's own. */
export function languageTag(code: string | undefined): string | undefined {
  try {
    return code && Intl.getCanonicalLocales(code.replaceAll('_', '-'))[0];
  } catch {
    return undefined;
  }
}
