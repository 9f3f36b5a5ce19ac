import { downloadComplete } from '../src/complete_notebook';
import { TestStore } from './store';

let server: TestStore;
let clicked: string[];

beforeEach(async () => {
  server = await TestStore.start();
  clicked = [];
  jest.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement
  ) {
    clicked.push(this.href);
  });
});

afterEach(async () => {
  await server.stop();
});

describe('downloadComplete()', () => {
  it('has the browser fetch a notebook that can be had', async () => {
    server.answers = [[204, '']];
    await downloadComplete('a folder/größe.ipynb', server.settings);
    expect(clicked).toEqual([
      `${server.settings.baseUrl}api/crdt-outputs/notebooks/a%20folder/gr%C3%B6%C3%9Fe.ipynb`
    ]);
    expect(server.requests[0]).toContain('check=1');
  });

  it('tells what cannot be had, and has nothing fetched', async () => {
    server.answers = [[404, JSON.stringify({ message: 'cell 4, output 1: is not there' })]];
    await expect(downloadComplete('a.ipynb', server.settings)).rejects.toThrow(
      'cell 4, output 1: is not there'
    );
    expect(clicked).toEqual([]);
  });
});
