import { LineBuffer } from '../src/buffer';
import type { ILines } from '../src/streams';
import { numbered } from './streams';

function part(first: number, lines: readonly string[], fields: Partial<ILines> = {}): ILines {
  const rest = { size: 0, total: 1e9, revision: '', live: true, clipped: new Map() };
  return { first, lines, ...rest, ...fields };
}

function bufferOf(...parts: ILines[]): LineBuffer {
  const buffer = new LineBuffer();
  parts.forEach(part => {
    buffer.put(part);
  });
  return buffer;
}

describe('The lines in memory', () => {
  it('grow on either side', () => {
    const buffer = bufferOf(part(10, ['k', 'l']), part(12, ['m']), part(8, ['i', 'j']));
    expect([buffer.first, buffer.end]).toEqual([8, 13]);
    expect(buffer.lines.join('')).toBe('ijklm');
  });

  it('change where they were told anew', () => {
    const buffer = bufferOf(part(0, ['a', '10 %']), part(1, ['20 %', 'c']));
    expect(buffer.lines).toEqual(['a', '20 %', 'c']);
  });

  it('are left alone by what lies within them', () => {
    const buffer = bufferOf(part(0, ['a', 'b', 'c']), part(1, ['B']));
    expect(buffer.lines).toEqual(['a', 'B', 'c']);
  });

  it('have no gap: others that do not join take their place', () => {
    const buffer = bufferOf(part(0, ['a', 'b']), part(3, ['d']));
    expect([buffer.first, ...buffer.lines]).toEqual([3, 'd']);
  });

  it('are never many, and are dropped on the side that nobody goes to', () => {
    const buffer = bufferOf(part(5000, numbered(1500)), part(6500, numbered(1500)));
    expect([buffer.first, buffer.end]).toEqual([6000, 8000]);
    buffer.put(part(5500, numbered(500)));
    expect([buffer.first, buffer.end]).toEqual([5500, 7500]);
  });

  it('are fewer when they are long', () => {
    const long = Array.from({ length: 100 }, () => 'x'.repeat(16_384));
    const buffer = bufferOf(part(0, long), part(100, long), part(200, long));
    expect(buffer.lines.length).toBeLessThan(260);
    expect(buffer.end).toBe(300);
    expect(buffer.page).toBeLessThan(20);
  });

  it('end where the text ends now', () => {
    const buffer = bufferOf(part(0, ['a', 'b', 'c']), part(2, [], { total: 2 }));
    expect(buffer.lines).toEqual(['a', 'b']);
  });

  it('tell which of them are not whole, as long as that is so', () => {
    const buffer = bufferOf(part(0, ['a', 'b'], { clipped: new Map([[1, 99_999]]) }));
    expect([buffer.clippedSize(0), buffer.clippedSize(1)]).toEqual([null, 99_999]);
    buffer.put(part(1, ['b']));
    expect(buffer.clippedSize(1)).toBeNull();
  });
});
