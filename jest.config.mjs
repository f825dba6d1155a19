/** TypeScript is only stripped (tsc checks it); the server's tests run in Node, in one realm with ORT. Some packages are ES modules only. */
const MODULES = 'onnx-buf|jose|openid-client|oauth4webapi';

/** Minutes each in a browser: `npm run test:long`, and `npm run check` before a commit. */
const LONG = ['panel-states', 'panel-failures', 'series-in-viewer', 'review-console'];
/** In both runs, with more of the same in the long one. */
const FULLER = ['server'];
const isLong = process.env.LONG !== undefined;

/** Looked up in the tests' own realm each time they are named, else: what computes on arrays took six times as long. */
const OFTEN_NAMED = [
  ...['Array', 'DataView', 'Math', 'Number'],
  ...['BigInt64Array', 'Float32Array', 'Float64Array', 'Int16Array', 'Int32Array'],
  ...['Uint16Array', 'Uint32Array', 'Uint8Array', 'Uint8ClampedArray'],
];

export default {
  sandboxInjectedGlobals: OFTEN_NAMED,
  testEnvironment: './test/helpers/env.mjs',
  // Most of the time goes to waiting for real archives, browsers and quiet times: two files at once take little more than one.
  maxWorkers: 2,
  // A busy machine is slow, not wrong; what hangs still ends.
  testTimeout: 60_000,
  testMatch: isLong
    ? [...LONG, ...FULLER].map((name) => `<rootDir>/test/e2e/${name}.test.ts`)
    : ['<rootDir>/test/**/*.test.ts?(x)'],
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(isLong ? [] : LONG.map((name) => `/test/e2e/${name}\\.test\\.ts$`)),
  ],
  transformIgnorePatterns: [`/node_modules/(?!(${MODULES})/)`],
  transform: {
    [`\\.tsx?$|/node_modules/(${MODULES})/.*\\.js$`]: [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
          target: 'es2022',
        },
        module: { type: 'commonjs' },
      },
    ],
  },
};
