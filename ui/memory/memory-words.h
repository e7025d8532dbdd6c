/* memory-words.h: what memory a run takes, in words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "memory/memory-layout.h"

/* (transfer none) */
const char *weftline_memory_bar_name (WeftlineMemoryBarKind kind);
const char *weftline_memory_mark_name (WeftlineMemoryMarkKind kind);
/* “1.21 of 2.00 GB”. (transfer full) */
char *weftline_memory_figures (const WeftlineMemoryLayout *layout);
/* All in one sentence. (transfer full) */
char *weftline_memory_summary (const WeftlineMemoryLayout *layout);
/* At a moment. (transfer full) */
char *weftline_memory_text_at (const WeftlineMemoryInput *input, int64_t at_ns);
/* What the thresholds do, and how full it is. (transfer full) */
char *weftline_memory_explain (const WeftlineMemoryLayout *layout);
