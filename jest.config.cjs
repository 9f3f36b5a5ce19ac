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
  testEnvironment: '<rootDir>/labextension/tests/environment.cjs',
  // Python environments in this folder hold packages, too.
  roots: ['<rootDir>/labextension'],
  testMatch: ['<rootDir>/labextension/tests/**/*.spec.ts'],
  setupFiles: ['<rootDir>/labextension/tests/setup.ts'],
  moduleNameMapper: {
    '\\.(css|svg)$': '<rootDir>/labextension/tests/asset.ts'
  },
  transform: {
    '\\.[jt]sx?$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript', tsx: true } } }
    ]
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules.join('|')})/)`],
  restoreMocks: true,
  // A table of thousands of rows takes jsdom seconds where other work goes on beside it.
  testTimeout: 30000
};
