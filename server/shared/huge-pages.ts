/**
 * Environment for a process that holds volumes: glibc asks for memory in pages of 2 MiB where the kernel leaves the choice to
 * programs. To touch the 80,000 small pages of a large series for the first time takes longer than to read it from the archive.
 * Other C libraries and kernels ignore it; an operator's own value stays.
 */
export const withHugePages = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
  ...env,
});
