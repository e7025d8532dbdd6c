/* scrub-words.h: what is said of the moment that is looked at
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "canvas/time-scale.h"
#include "model/weft-past.h"

/**
 * weftline_scrub_words:
 * @at_ns: INT64_MAX: now
 * @moment: (nullable): it is not known yet
 *
 * “as of 1.23 s · 3 running · 5 queued · 12 in memory · 1.2 MB”. Any thread.
 *
 * Returns: (transfer full)
 */
char *weftline_scrub_words (int64_t at_ns, const WeftMoment *moment, WeftlineTimeForm form,
                            int64_t wall_ns);
