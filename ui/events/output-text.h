/* output-text.h: what tasks wrote, in words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-model.h"

/* Who writes: “shed-1”, “shed-1, standard error”. (transfer full) */
char *weftline_output_heading (const WeftModel *model, const WeftModelLog *log);
/* “12 kB of 3.4 MB”. (transfer full) */
char *weftline_output_count_text (uint64_t n_shown, uint64_t n_bytes);
