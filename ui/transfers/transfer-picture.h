/* transfer-picture.h: transfers between workers, as a picture without a window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/text-cache.h"
#include "transfers/transfer-layout.h"

/* Of what ended in [@from_ns, @to_ns), INT64_MIN and INT64_MAX: of all. @model: (nullable).
 * (transfer full) (nullable) */
WeftlineTransferMatrix *weftline_transfer_picture_matrix (WeftModel *model,
                                                          const WeftModelSnapshot *snapshot,
                                                          int64_t from_ns, int64_t to_ns);

/* How high it has to be to show every row and every group. @matrix: (nullable) */
int weftline_transfer_picture_height (const WeftlineTransferMatrix *matrix, int width);

/* Draws it at the context's origin. @matrix: (nullable) */
void weftline_transfer_picture (const WeftlineTransferMatrix *matrix,
                                WeftlineTransferMeasure measure, const WeftlinePalette *palette,
                                WeftlineTextCache *text, bool is_over, bool rtl, cairo_t *cr,
                                int width, int height);
