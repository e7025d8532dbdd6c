/* weft-wait-private.h: kernels that wait, or keep a core busy
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "kernels/weft-op.h"

/* WEFT_OK while the task may go on, else WEFT_CANCELLED or WEFT_TIMED_OUT. */
WeftStatus _weft_given_up (WeftTask *task);
/* Sleeps @ns, or until the task is cancelled or its deadline passes: then the status says so. */
WeftStatus _weft_wait (WeftTask *task, int64_t ns);
/* Uses @ns of this thread's CPU time; looks at the cancel flag at least each millisecond. */
WeftStatus _weft_burn (WeftTask *task, int64_t ns);
/* Returns: false for negative, not finite and too large ones (more than 285 years) */
bool _weft_seconds_to_ns (double seconds, int64_t *ns);
