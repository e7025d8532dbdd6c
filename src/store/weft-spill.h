/* weft-spill.h: values on disk, for as long as a process runs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A store is a private folder with a file for each value. It lives as long as its process: nothing
 * in it is meant to be found again, so it is cleaned up by whoever comes next if the process could
 * not.
 */
#pragma once

#include "store/weft-codec.h"

typedef struct _WeftSpillStore WeftSpillStore;

#define WEFT_SPILL_ERROR (weft_spill_error_quark ())
/**
 * weft_spill_error_quark:
 *
 * The domain of #WeftSpillError.
 */
WEFT_API GQuark weft_spill_error_quark (void);

/**
 * WeftSpillError:
 * @WEFT_SPILL_ERROR_FOLDER: the folder cannot be made or used
 * @WEFT_SPILL_ERROR_FULL: no room: disk, quota, or the process's limit of file size
 * @WEFT_SPILL_ERROR_WRITE: writing failed otherwise
 * @WEFT_SPILL_ERROR_LOST: the file is gone, cannot be read, or was never written
 * @WEFT_SPILL_ERROR_DAMAGED: the file is not what was written
 */
typedef enum
{
  WEFT_SPILL_ERROR_FOLDER,
  WEFT_SPILL_ERROR_FULL,
  WEFT_SPILL_ERROR_WRITE,
  WEFT_SPILL_ERROR_LOST,
  WEFT_SPILL_ERROR_DAMAGED,
} WeftSpillError;

/**
 * weft_spill_store_new:
 * @parent: an existing folder, best on a disk and not in memory
 *
 * Makes a private folder (mode 0700) below @parent, named weftline-<uid>-<pid>-<random>, with a
 * lock file that is held while the process lives. Before that, folders of that name that are this
 * user's and that nobody holds are removed: what a killed process left behind.
 *
 * The lock goes with the process's last copy of its descriptor, which is closed on exec; a child of
 * fork() that never calls exec keeps it.
 *
 * Returns: (transfer full) (nullable): %NULL with WEFT_SPILL_ERROR_FOLDER
 */
WEFT_API WeftSpillStore *weft_spill_store_new (const char *parent, GError **error);

/**
 * weft_spill_store_ref:
 *
 * One more holder. Managed values are none: a store outlives those it holds. Any thread. Returns:
 * @store
 */
WEFT_API WeftSpillStore *weft_spill_store_ref (WeftSpillStore *store);

/**
 * weft_spill_store_unref:
 * @store: (nullable): one holder less; the last one removes the folder with all that is in it. Any
 *   thread.
 */
WEFT_API void weft_spill_store_unref (WeftSpillStore *store);

/**
 * weft_spill_store_path:
 *
 * Returns: (transfer none): the folder
 */
WEFT_API const char *weft_spill_store_path (const WeftSpillStore *store);

/**
 * weft_spill_write:
 * @value: any value but MANAGED; it stays the caller's
 * @compression: as weft_value_encode() takes it
 * @handle: (out): finds the value again
 *
 * Writes a value to a file of its own. Big buffers go out from their own memory; beyond that it
 * takes some 64 KiB, with compression a megabyte or two. Nothing is left behind on failure. A write
 * that would go beyond the process's RLIMIT_FSIZE is not begun, so no SIGXFSZ is raised.
 *
 * Any thread; writers do not wait for each other. Errors: WEFT_SPILL_ERROR_FULL, _WRITE; of
 * WEFT_CODEC_ERROR what encoding may give. @handle is untouched then.
 *
 * Returns: whether it was written
 */
WEFT_API bool weft_spill_write (WeftSpillStore *store, const WeftValue *value,
                                WeftCompression compression, uint64_t *handle, GError **error);

/**
 * weft_spill_read:
 * @account: (nullable): charged for the new buffers
 * @classes: (nullable): foreign classes that may appear
 * @value: (out): holds the only reference on success, untouched on failure
 *
 * Reads a value back, straight into its buffers, and checks it. The file stays until it is dropped.
 *
 * Any thread, but not along with weft_spill_drop() of the same handle. Errors:
 * WEFT_SPILL_ERROR_LOST, _DAMAGED; of WEFT_CODEC_ERROR what decoding may give but DAMAGED.
 *
 * Returns: whether it was read
 */
WEFT_API bool weft_spill_read (WeftSpillStore *store, uint64_t handle, WeftAccount *account,
                               const WeftForeignClasses *classes, WeftValue *value, GError **error);

/**
 * weft_spill_drop:
 * @handle: from weft_spill_write(); not to be used again
 *
 * Removes the file. Any thread.
 */
WEFT_API void weft_spill_drop (WeftSpillStore *store, uint64_t handle);

/**
 * weft_spill_store_disk_bytes:
 *
 * Returns: bytes of all files of the store now, as encoded. Any thread.
 */
WEFT_API uint64_t weft_spill_store_disk_bytes (WeftSpillStore *store);
