// JupyterLab and its dependencies ship ES modules, which jest only reads when they are transformed.
const esModules = [
  '@codemirror',
  '@jupyter',
  '@jupyterlab',
  '@lezer',
  '@marijn',
  '@microsoft',
  '@rjsf',
  'crelt',
  'd3-.*',
  'exenv-es6',
  'internmap',
  'lib0',
  'nanoid',
  'robust-predicates',
  'style-mod',
  'vscode-ws-jsonrpc',
  'w3c-keyname',
  'y-protocols',
  'y-websocket',
  'yjs'
];

module.exports = {
  testEnvironment: 'jsdom',
  testMatch: ['<rootDir>/labextension/tests/**/*.spec.ts'],
  setupFiles: ['<rootDir>/labextension/tests/setup.ts'],
  modulePathIgnorePatterns: ['<rootDir>/jupyter_crdt_outputs/'],
  moduleNameMapper: {
    '\\.(css|svg)$': '<rootDir>/labextension/tests/asset.ts'
  },
  transform: {
    '\\.[jt]sx?$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }]
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules.join('|')})/)`],
  restoreMocks: true
};
