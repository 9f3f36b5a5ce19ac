import { parseDigest, parseReference } from '../src/reference';

const HEX = '0123456789abcdef'.repeat(4);
const PART = { sha256: HEX, size: 5, encoding: 'utf-8' };

describe('A digest', () => {
  it('is 64 lower-case hexadecimal digits', () => {
    expect(parseDigest(HEX)).toBe(HEX);
  });

  it.each([
    ['upper case', HEX.toUpperCase()],
    ['one digit less', HEX.slice(1)],
    ['one digit more', `${HEX}0`],
    ['a path', `../${HEX.slice(3)}`],
    ['an escaped path', `%2e%2e${HEX.slice(6)}`],
    ['a NUL', `${HEX.slice(1)}\0`],
    ['a line feed at the end', `${HEX}\n`],
    ['another script’s digits', HEX.replace('1', '１')],
    ['a list that prints as one', [HEX]],
    ['an object that prints as one', { toString: () => HEX }],
    ['nothing', undefined]
  ])('is not %s', (_, value) => {
    expect(parseDigest(value)).toBeNull();
  });
});

describe('A reference', () => {
  it('of a bundle has its parts, its metadata and says whether the text beside it is a preview', () => {
    const metadata = { 'image/png': { width: 320 } };
    const parts = { 'image/png': { ...PART, width: 640, height: 480.0 } };
    expect(parseReference({ kind: 'bundle', parts, metadata, preview: true })).toEqual({
      kind: 'bundle',
      parts: new Map([
        ['image/png', { digest: HEX, size: 5, encoding: 'utf-8', width: 640, height: 480 }]
      ]),
      metadata,
      preview: true
    });
  });

  it('of a stream has its segments in order', () => {
    const other = { ...PART, sha256: 'f'.repeat(64) };
    const reference = parseReference({ kind: 'stream', name: 'stderr', segments: [PART, other] });
    expect(reference).toMatchObject({ name: 'stderr', segments: [{ digest: HEX }, { size: 5 }] });
  });

  it('of a long stream has the digest of its index, and its size', () => {
    const value = { kind: 'stream', name: 'stdout', index: PART, size: 5e6, lines: 7 };
    expect(parseReference(value)).toEqual({
      kind: 'long-stream',
      name: 'stdout',
      id: HEX,
      size: 5_000_000
    });
  });

  it('of a stream that is still being written has the id of its log', () => {
    const log = HEX.slice(0, 32);
    const reference = parseReference({ kind: 'stream', name: 'stderr', log });
    expect(reference).toEqual({ kind: 'long-stream', name: 'stderr', id: log, size: null });
  });

  it('of an error has its name and value', () => {
    const value = { kind: 'error', ename: 'E', evalue: 'v', part: { ...PART, encoding: 'json' } };
    expect(parseReference(value)).toMatchObject({ ename: 'E', evalue: 'v', part: { digest: HEX } });
  });

  it('may have fields that this version does not know', () => {
    const part = { ...PART, colour: 'red' };
    expect(parseReference({ kind: 'bundle', parts: { a: part }, later: 1 })).not.toBeNull();
  });

  it('reads integral floats of any spelling as sizes', () => {
    const value: unknown = JSON.parse(
      `{"kind":"stream","name":"stdout","segments":[{"sha256":"${HEX}","size":5e6,"encoding":"utf-8"}]}`
    );
    expect(parseReference(value)).toMatchObject({ segments: [{ size: 5_000_000 }] });
  });

  it('cannot be changed', () => {
    const reference = parseReference({ kind: 'stream', name: 'stdout', segments: [PART] });
    expect(Object.isFrozen(reference)).toBe(true);
    expect(reference?.kind === 'stream' && Object.isFrozen(reference.segments)).toBe(true);
  });

  it.each([
    ['null', null],
    ['a string', 'bundle'],
    ['a list', [{ kind: 'bundle', parts: { a: PART } }]],
    ['an object without a kind', {}],
    ['an unknown kind', { kind: 'bundle2', parts: { a: PART } }],
    ['a kind that every object inherits', { kind: 'toString' }],
    ['an inherited kind', Object.create({ kind: 'bundle', parts: { a: PART } })],
    ['a bundle without parts', { kind: 'bundle' }],
    ['a bundle of no parts', { kind: 'bundle', parts: {} }],
    ['a bundle with a list of parts', { kind: 'bundle', parts: [PART] }],
    ['a bundle with one bad part of two', { kind: 'bundle', parts: { a: PART, b: null } }],
    ['metadata that is a list', { kind: 'bundle', parts: { a: PART }, metadata: [] }],
    ['a stream without a name', { kind: 'stream', segments: [PART] }],
    ['a stream with an object of segments', { kind: 'stream', name: 'a', segments: { 0: PART } }],
    ['a stream with a hole', { kind: 'stream', name: 'a', segments: [PART, undefined] }],
    ['a log whose id is a digest', { kind: 'stream', name: 'a', log: HEX }],
    [
      'a log whose id is a path',
      { kind: 'stream', name: 'a', log: '../../artifacts/00112233445566' }
    ],
    ['a log whose id has capitals', { kind: 'stream', name: 'a', log: 'A'.repeat(32) }],
    ['an index that is a digest alone', { kind: 'stream', name: 'a', index: HEX, size: 1 }],
    ['an index without the size of the text', { kind: 'stream', name: 'a', index: PART }],
    ['an error without a part', { kind: 'error', ename: 'E', evalue: '' }],
    ['an error whose name is a number', { kind: 'error', ename: 1, evalue: '', part: PART }]
  ])('is not %s', (_, value) => {
    expect(parseReference(value)).toBeNull();
  });

  it.each([
    ['a digest that is a path', { sha256: '../../etc/passwd' }],
    ['no size', { size: undefined }],
    ['a negative size', { size: -1 }],
    ['a fractional size', { size: 1.5 }],
    ['a size that is not a number', { size: NaN }],
    ['an infinite size', { size: Infinity }],
    ['a size beyond what is counted exactly', { size: 2 ** 53 }],
    ['a size in words', { size: '5' }],
    ['an unknown encoding', { encoding: 'gzip' }],
    ['an encoding that every object inherits', { encoding: 'constructor' }],
    ['a width in words', { width: '640', height: 480 }],
    ['a negative height', { width: 640, height: -480 }]
  ])('has no part with %s', (_, fields) => {
    const segments = [{ ...PART, ...fields }];
    expect(parseReference({ kind: 'stream', name: 'stdout', segments })).toBeNull();
  });
});
