/** What this page's bundles share with each other, by name and version. */
interface IShared {
  default?: Record<string, Record<string, { get: () => Promise<unknown> }>>;
}

// What the build calls the page's table of shared bundles.
declare const __webpack_share_scopes__: IShared;

/**
 * Fetches what JupyterLab draws its toasts with, which it does itself when it shows the first one.
 *
 * Without a network that is too late: the words that there is none would come after it is back.
 */
export async function preloadToasts(): Promise<void> {
  const versions = __webpack_share_scopes__.default?.['react-toastify'] ?? {};
  // What cannot be fetched now, JupyterLab fetches with the first toast.
  await Promise.allSettled(Object.values(versions).map(each => each.get()));
}
