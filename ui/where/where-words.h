/* where-words.h: where the time goes, in words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-account.h"
#include "where/where-layout.h"

/* A few words. (transfer none) */
const char *weftline_where_use_name (WeftTimeUse use);
/* A sentence on what it means. (transfer none) */
const char *weftline_where_use_about (WeftTimeUse use);
/* “87.2 %”; “< 0.1 %” of what is there and rounds to nothing. (transfer full) */
char *weftline_where_share (int permille, int64_t ns);
/* “worker 3”. (transfer full) */
char *weftline_where_row_name (const WeftTimeRow *row);
/* “4 workers, 1 m 44 s together”. (transfer full) */
char *weftline_where_figures (const WeftTimeAccount *account);
/* Likewise, of what is shown of it: “2 of 5 uses, 3 of 16 workers, all 1 m 44 s together”.
 * (transfer full) */
char *weftline_where_caption (const WeftTimeAccount *account, const WeftlineWhereLayout *layout);
/* All in one sentence, for those who do not see it. (transfer full) */
char *weftline_where_summary (const WeftTimeAccount *account);

/**
 * weftline_where_explain:
 * @row: of the account; WEFT_NONE: all
 * @use: what to explain; WEFT_TIME_N_USES: the row
 *
 * Returns: (transfer full): lines, the first is a title
 */
char *weftline_where_explain (const WeftTimeAccount *account, const WeftModel *model, uint32_t row,
                              WeftTimeUse use);
