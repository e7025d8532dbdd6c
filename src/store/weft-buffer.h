/* weft-buffer.h: reference-counted bytes, apart from the values that look at them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A buffer owns one run of bytes, 64-byte aligned. Views (array slices, table columns, byte
 * strings) share it and hold one reference each, so its bytes count once in the account it was made
 * under, however many values look at it. Memory comes from per-worker recycled chunks (a first
 * touch of a fresh page costs 1.6 to 2.4 µs), or from somebody else with a release function (a
 * mapped file, a NumPy array, an Arrow producer).
 */
#pragma once

#include "base/weft-base.h"

#include <stdatomic.h>

typedef struct _WeftBuffer WeftBuffer;
typedef struct _WeftAccount WeftAccount;

/* Called once, on whatever thread drops the last reference; must not block. A runtime with a lock
 * of its own (Python) queues the release for a thread that holds that lock. */
typedef void (*WeftBufferReleaseFunc) (void *bytes, size_t n_bytes, void *release_data);

struct _WeftBuffer
{
  _Atomic uint32_t refs; /* atomic: release on drop, acquire by the last */
  uint32_t flags;        /* immutable */
  uint8_t *bytes;        /* immutable; contents belong to the sole holder, or are read only */
  size_t n_bytes;        /* immutable: what users see */
  size_t n_charged;      /* immutable: what the account was charged */
  WeftAccount *account;  /* immutable (nullable): holds a reference */
  WeftBufferReleaseFunc release; /* immutable (nullable): foreign memory */
  void *release_data;            /* immutable */
};

/**
 * weft_buffer_new:
 * @account: (nullable): charged for the bytes until the buffer is freed
 * @n_bytes: size; 0 is allowed
 *
 * Contents are not cleared. Any thread; cheapest on a worker, from its recycled chunks.
 *
 * Returns: (transfer full) (nullable): %NULL when memory is out
 */
WEFT_API WeftBuffer *weft_buffer_new (WeftAccount *account, size_t n_bytes);

/**
 * weft_buffer_new_foreign:
 * @account: (nullable): charged with @n_bytes
 * @bytes: memory that stays valid and unchanged until @release is called
 * @n_bytes: its size
 * @release: (nullable): called once when the last reference goes
 * @release_data: handed to @release
 *
 * Returns: (transfer full) (nullable): %NULL when memory is out; then @release is not called
 */
WEFT_API WeftBuffer *weft_buffer_new_foreign (WeftAccount *account, void *bytes, size_t n_bytes,
                                              WeftBufferReleaseFunc release, void *release_data);

/**
 * weft_buffer_ref:
 *
 * One more holder. Any thread. Returns: @buffer
 */
WEFT_API WeftBuffer *weft_buffer_ref (WeftBuffer *buffer);

/**
 * weft_buffer_unref:
 * @buffer: (nullable): one holder less; the last one frees. Any thread.
 */
WEFT_API void weft_buffer_unref (WeftBuffer *buffer);

/* Whether the caller is the only holder, and so may write. */
static inline bool
weft_buffer_is_sole (const WeftBuffer *buffer)
{
  return atomic_load_explicit (&((WeftBuffer *) buffer)->refs, memory_order_acquire) == 1;
}

/* ---- accounts: who is charged for bytes ------------------------------------------------------ */

/**
 * weft_account_new:
 * @parent: (nullable): charged along with this one (a run's account has the engine's as parent)
 *
 * Charges go to a per-thread share first, folded in every 64 KiB, so that charging costs a
 * nanosecond or two. Any thread.
 *
 * Returns: (transfer full) (nullable): %NULL when memory is out
 */
WEFT_API WeftAccount *weft_account_new (WeftAccount *parent);

/**
 * weft_account_ref:
 *
 * One more holder. Any thread. Returns: @account
 */
WEFT_API WeftAccount *weft_account_ref (WeftAccount *account);

/**
 * weft_account_unref:
 * @account: (nullable): one holder less; the last one frees. Any thread.
 */
WEFT_API void weft_account_unref (WeftAccount *account);

/**
 * weft_account_charge:
 * @account: (nullable)
 * @n_bytes: bytes held more, or, negative, less; also by all its parents. Any thread.
 */
WEFT_API void weft_account_charge (WeftAccount *account, int64_t n_bytes);

/**
 * weft_account_held_bytes:
 *
 * Bytes held now, exact once all threads are at rest, else within 64 KiB a thread. Any thread; some
 * 10 ns a thread that ever charged it.
 */
WEFT_API int64_t weft_account_held_bytes (WeftAccount *account);

/**
 * weft_account_peak_bytes:
 *
 * The most bytes ever held, as seen at folds and whenever somebody asked: within 64 KiB a thread.
 * Any thread.
 */
WEFT_API int64_t weft_account_peak_bytes (WeftAccount *account);

/* ---- memory kept ready, process wide --------------------------------------------------------- */

/**
 * weft_buffer_cached_bytes:
 *
 * Bytes of recycled chunks kept ready for new buffers, in no account. Any thread.
 */
WEFT_API int64_t weft_buffer_cached_bytes (void);

/**
 * weft_buffer_trim:
 * @keep_bytes: how many may be kept
 *
 * Gives the rest back to the system. Any thread.
 */
WEFT_API void weft_buffer_trim (int64_t keep_bytes);
