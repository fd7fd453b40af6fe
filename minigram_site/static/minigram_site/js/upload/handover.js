// Files that were chosen on another page of the site are carried to the upload page.

const NAME = "minigram-upload";

/** Keep files until the upload page is open. Rejects where the browser keeps nothing. */
export function handOver(files) {
  return within("readwrite", (store) => store.put(files, "files"));
}

/** Return the files that were handed over, once; none if there are none, or they cannot be read. */
export async function handedOver() {
  try {
    const files = await within("readonly", (store) => store.get("files"));
    if (files) await within("readwrite", (store) => store.clear());
    return files ?? [];
  } catch {
    return [];
  }
}

function within(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, 1);
    opening.onerror = () => reject(opening.error);
    opening.onupgradeneeded = () => opening.result.createObjectStore("files");
    opening.onsuccess = () => {
      const database = opening.result;
      const work = database.transaction("files", mode);
      const request = act(work.objectStore("files"));
      work.oncomplete = () => {
        database.close();
        resolve(request.result);
      };
      work.onabort = work.onerror = () => {
        database.close();
        reject(work.error);
      };
    };
  });
}
