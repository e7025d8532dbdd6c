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
/* What workers' bars are. (transfer none) */
const char *weftline_memory_caption (const WeftlineMemoryInput *input);
/* “3 of 64 workers”. (transfer full) (nullable): all are seen */
char *weftline_memory_count (const WeftlineMemoryLayout *layout);
/* “process 188 MB”, “on disk 20 MB”, or, in brief, “disk 20 MB”. (transfer full) (nullable):
 * nothing is known of it */
char *weftline_memory_total (const WeftlineMemoryLayout *layout, WeftlineMemoryBarKind kind,
                             bool brief);
/* “unmanaged 120 MB”. (transfer full) (nullable) */
char *weftline_memory_unmanaged (const WeftlineMemoryLayout *layout);
/* What a worker's results take, and what that means. (transfer full) */
char *weftline_memory_worker_text (const WeftlineMemoryWorker *worker);
/* The same of all, up to some, in one sentence. (transfer full) (nullable): there are none */
char *weftline_memory_workers_text (const WeftlineMemoryInput *input);
/* At a moment. (transfer full) */
char *weftline_memory_text_at (const WeftlineMemoryInput *input, int64_t at_ns);
/* What the thresholds do, and how full it is. (transfer full) */
char *weftline_memory_explain (const WeftlineMemoryLayout *layout);
