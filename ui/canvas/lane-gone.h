/* lane-gone.h: whether a lane's worker has left
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Of workers that are processes of a foreign program: who left is shown as gone wherever it is
 * listed, and its lane is kept. Any thread.
 */
#pragma once

#include "model/weft-model.h"

#define WEFTLINE_NOT_GONE INT64_MAX

/**
 * weftline_lane_gone:
 * @lane: of a process, or below one
 * @at_ns: the moment that is looked at; INT64_MAX: now
 *
 * Who was measured again since, or ran something in this lane, is back. O(log points).
 *
 * Returns: since when its worker is gone; WEFTLINE_NOT_GONE: it is not
 */
int64_t weftline_lane_gone (const WeftModel *model, uint32_t lane, int64_t at_ns);

/* Whether anything but 0 was measured of the process after a moment, at @at_ns or before it. */
bool weftline_lane_was_measured (const WeftModel *model, uint32_t lane, int64_t after_ns,
                                 int64_t at_ns);
