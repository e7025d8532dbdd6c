/* transfer-words.h: transfers in words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Strings are (transfer full).
 */
#pragma once

#include "transfers/transfer-layout.h"

/* “84.2 MB/s”; “–” below 0. */
char *weftline_transfer_rate_text (double rate);
/* Of what is measured; “–” where nothing is known. */
char *weftline_transfer_value_text (const WeftlineTransferValue *value,
                                    WeftlineTransferMeasure measure);
/* “1 234 transfers”. */
char *weftline_transfer_count_text (uint64_t n);
/* “tcp://10.0.0.1:4000”, “12 others”, “not known”. */
char *weftline_transfer_place_text (const WeftlineTransferPlace *place);
/* The same of a row. */
char *weftline_transfer_row_text (const WeftlineTransferMatrix *matrix,
                                  const WeftlineTransferLayout *layout, uint32_t row);
/* How many characters names of all places begin with alike, up to a place where a name can be cut.
 */
size_t weftline_transfer_common_prefix (const WeftlineTransferMatrix *matrix);
/* “1.2 GB in 1 234 transfers”; NULL: of none. (nullable) */
char *weftline_transfer_figures (const WeftlineTransferMatrix *matrix);
/* Who is seen: “4 workers”, “the busiest 39 of 300 workers”, “12 hosts, 300 workers”. */
char *weftline_transfer_caption (const WeftlineTransferMatrix *matrix,
                                 const WeftlineTransferLayout *layout);
/* What stands over the bars. */
char *weftline_transfer_types_caption (const WeftlineTransferMatrix *matrix,
                                       const WeftlineTransferLayout *layout);
char *weftline_transfer_type_name (const WeftlineTransferType *type);
/* All in a few sentences, for those who do not see it. @matrix: (nullable) */
char *weftline_transfer_summary (const WeftlineTransferMatrix *matrix);
/* Lines; the first is a title. (nullable): there is nothing to be said of it */
char *weftline_transfer_explain (const WeftlineTransferMatrix *matrix,
                                 const WeftlineTransferLayout *layout,
                                 const WeftlineTransferHit *hit);
