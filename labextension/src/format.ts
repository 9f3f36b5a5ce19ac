/** Sizes, numbers and digests for people. */
import type { StreamId } from './reference';

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

/** A number of things in the user's language: 300,000. */
export function formatCount(count: number, locale?: string): string {
  return new Intl.NumberFormat(locale).format(count);
}

/** Enough of a digest, or of a log's id, to tell it from others by eye. */
export function shortDigest(digest: StreamId): string {
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
