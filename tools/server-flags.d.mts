export const SERVER_FLAGS: readonly string[];
export const SERVER_ENVIRONMENT: { readonly MALLOC_ARENA_MAX: string; readonly MALLOC_MMAP_THRESHOLD_: string };
