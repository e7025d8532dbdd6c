/* weftline-pace.h: how often a run is shown anew
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A picture costs time that tasks want. So pictures come as often as the user wants, but where they
 * take more than a twentieth of the machine less often, down to twelve a second.
 */
#pragma once

#include <stdint.h>

#define WEFTLINE_PACE_SHARE (1 / 20.0) /* of the machine */
#define WEFTLINE_PACE_LEAST 12         /* pictures a second */

typedef struct
{
  int64_t shown_us; /* when the last was begun */
  int64_t cpu_ns;   /* the thread's at that time */
  double cost_ns;   /* of a picture, the last few count most; 0: not known */
} WeftlinePace;

/**
 * weftline_pace_shown:
 * @pace: whose
 * @now_us: the time
 * @cpu_ns: time of the processor that the drawing thread has used
 *
 * A picture begins. What was used since the one before is what that cost.
 */
void weftline_pace_shown (WeftlinePace *pace, int64_t now_us, int64_t cpu_ns);

/**
 * weftline_pace_due_us:
 * @pace: whose
 * @rate: pictures a second that are wanted, at least 1
 * @n_cores: of the machine
 *
 * Returns: when the next may begin
 */
int64_t weftline_pace_due_us (const WeftlinePace *pace, unsigned rate, unsigned n_cores);
