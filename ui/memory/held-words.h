/* held-words.h: what was held, in words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * All strings are (transfer full).
 */
#pragma once

#include "canvas/time-scale.h"
#include "model/weft-held.h"

/* “peak 1.38 GB at 71.2 s”; NULL: nothing was held */
char *weftline_held_figures (const WeftHeldSteps *steps, const WeftlineClock *clock);
/* “44.0 MB at 190 ms” */
char *weftline_held_moment_text (uint64_t n_bytes, int64_t at_ns, const WeftlineClock *clock);
/* In one sentence, for those who do not see it. @names: of the bands. @small: there are results,
 * but none that takes memory */
char *weftline_held_summary (const WeftHeldSteps *steps, const char *const *names, bool small,
                             const WeftlineClock *clock);
/* The same, if there is any, and what held means. (transfer full) */
char *weftline_held_explain (const char *summary);
/* Whether any task has given a result, be it small. */
bool weftline_held_has_results (const WeftModelSnapshot *snapshot);
/* A line for the step and one for each band in it, the topmost first. */
char *weftline_held_step_text (const WeftHeldSteps *steps, uint32_t step, const char *const *names,
                               const WeftlineClock *clock);
/* “44.0 MB in 64 results at 190 ms” */
char *weftline_held_title (const WeftHeldSum *sum, int64_t at_ns, const WeftlineClock *clock);
/* What kept a result: “for clean-3, ended 12.0 ms later”, “asked for” */
char *weftline_held_keeper (const WeftModel *model, const WeftHeld *held, int64_t at_ns);
