/* weftline-timing.h: when frames are drawn, for measurements
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

/* With WEFTLINE_TIMING=1 in the environment: a line on stderr for each frame that drew anything,
 * with the monotonic clock and the CPU time of the process up to its end, and how many tasks' spans
 * task streams show in it. Else nothing. */
void weftline_timing_begin (void);
