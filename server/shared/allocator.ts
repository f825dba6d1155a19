/**
 * Environment for a process that holds volumes, by which glibc asks for memory in pages of 2 MiB where the kernel leaves the choice to programs, and
 * for two pools of it at most. To touch the 80,000 small pages of a large series for the first time takes longer than to read it from the archive;
 * a pool for each thread held up to 60 MB more after some hundred radiographs, and was no faster. Other C libraries and kernels ignore it; an
 * operator's own value stays.
 */
export const withAllocator = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1:glibc.malloc.arena_max=2',
  ...env,
});
