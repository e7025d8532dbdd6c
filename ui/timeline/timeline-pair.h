/* timeline-pair.h: one thing done by two threads
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The caller does it, and a thread that sleeps meanwhile is asked to do the same: a function that
 * takes one piece after the other until none is left. Nobody waits for a thread that has not begun
 * when all is done: on a machine whose cores are busy the caller has then done all by itself.
 */
#pragma once

#include <glib.h>

typedef struct _WeftlinePair WeftlinePair;

/* @which: 0 the caller, 1 the other thread */
typedef void (*WeftlinePairFunc) (void *data, unsigned which);

/* Returns: (transfer full) (nullable): NULL where no thread is to be had */
WeftlinePair *_weftline_pair_new (void);
/* @pair: (nullable) */
void _weftline_pair_free (WeftlinePair *pair);

/* Returns when both are out of @func. One thread at a time. */
void _weftline_pair_run (WeftlinePair *pair, WeftlinePairFunc func, void *data);
