// Files that were chosen on another page of the site are carried to the upload page, for whoever chose them.

const NAME = "minigram-upload";
const MOST_MS = 10 * 60 * 1000; // between two pages: what is older was left behind

/** Keep files until their viewer opens the upload page. Rejects where the browser keeps nothing. */
export function handOver(files) {
  const { viewer } = document.body.dataset;
  return within("readwrite", (store) => store.put({ files, viewer, at: Date.now() }, "files"));
}

/**
 * Return the files that were handed over, once, and keep none of them.
 *
 * There are none for somebody else, after ten minutes, and if they cannot be read.
 */
export async function handedOver() {
  try {
    const held = await within("readonly", (store) => store.get("files"));
    if (!held) return [];
    await within("readwrite", (store) => store.clear());
    const age = Date.now() - held.at;
    const isMine = held.viewer === document.body.dataset.viewer;
    return isMine && age >= 0 && age <= MOST_MS ? held.files : [];
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
