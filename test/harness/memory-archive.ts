import type { ArchiveStore } from '../../shared/services/archive-store.ts';

/** Object storage in memory, which like the real one refuses a text whose checksum is another. */
export function memoryArchive(
  files = new Map<string, string>(),
): ArchiveStore & { readonly files: Map<string, string> } {
  return {
    files,
    async put(key, text, sha256) {
      const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
      if (Buffer.from(digest).toString('hex') !== sha256) throw new Error('the checksum is wrong');
      files.set(key, text);
    },
    get: async (key) => files.get(key) ?? null,
  };
}
