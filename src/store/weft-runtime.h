/* weft-runtime.h: hooks of a foreign runtime that keeps state on worker threads
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "base/weft-base.h"

/**
 * WeftRuntime:
 *
 * Python, for one, wants a thread state per thread and its lock held while its objects are touched.
 * All hooks are nullable and run on the worker's own thread; @slot is a word per worker that is the
 * runtime's own. worker_start comes before the worker's first task of this runtime, worker_stop
 * when the thread ends. batch_begin and batch_end frame a stretch of such tasks (and every encode,
 * decode or describe of its objects): batch_end comes before the worker runs other work for long,
 * steals, parks, or blocks on a future inside a kernel (batch_begin follows on the same thread
 * afterwards). park and unpark frame sleeping. drain lets queued releases happen; it is called
 * inside a batch when has_pending says so, also after the last task of a run.
 */
typedef struct _WeftRuntime
{
  const char *name;
  void *data;
  void (*worker_start) (void *data, uint32_t worker, void **slot);
  void (*worker_stop) (void *data, uint32_t worker, void **slot);
  void (*park) (void *data, uint32_t worker, void **slot);
  void (*unpark) (void *data, uint32_t worker, void **slot);
  void (*batch_begin) (void *data, uint32_t worker, void **slot);
  void (*batch_end) (void *data, uint32_t worker, void **slot);
  bool (*has_pending) (void *data);
  void (*drain) (void *data, uint32_t worker, void **slot);
  void *reserved[4]; /* NULL */
} WeftRuntime;
