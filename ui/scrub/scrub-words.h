/* scrub-words.h: what is said of the moment that is looked at
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "canvas/time-scale.h"
#include "model/weft-past.h"

/**
 * weftline_scrub_moment:
 * @end_ns: of the run: its 100,000th part can be told
 *
 * The time as a whole run has it, so that figures do not jump while it is gone through: “0.10 ms”
 * and “1.23 ms”, “1 m 04.215 s”; the time of day to the millisecond. Any thread.
 *
 * Returns: (transfer full)
 */
char *weftline_scrub_moment (int64_t at_ns, int64_t end_ns, WeftlineTimeForm form, int64_t wall_ns);

/**
 * weftline_scrub_words:
 * @at_ns: INT64_MAX: now
 * @end_ns: of the run
 * @moment: (nullable): it is not known yet
 *
 * “as of 1.23 s · 3 running · 5 queued · 12 in memory · 1.2 MB”. Any thread.
 *
 * Returns: (transfer full)
 */
char *weftline_scrub_words (int64_t at_ns, int64_t end_ns, const WeftMoment *moment,
                            WeftlineTimeForm form, int64_t wall_ns);
