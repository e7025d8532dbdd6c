/* transfer-picture.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "transfers/transfer-picture.h"

#include "transfers/transfer-paint.h"

#define EMPTY_HEIGHT 160

WeftlineTransferMatrix *
weftline_transfer_picture_matrix (WeftModel *model, const WeftModelSnapshot *snapshot,
                                  int64_t from_ns, int64_t to_ns)
{
  WeftlineTransferSums *sums;
  WeftlineTransferMatrix *matrix;

  if (model == NULL)
    return NULL;
  sums = weftline_transfer_sums_new (model, from_ns, to_ns);
  weftline_transfer_sums_update (sums, snapshot->phase >= WEFT_RUN_DONE, UINT64_MAX);
  matrix = weftline_transfer_matrix_new (sums, WEFTLINE_TRANSFER_MOST);
  weftline_transfer_sums_free (sums);
  return matrix;
}

int
weftline_transfer_picture_height (const WeftlineTransferMatrix *matrix, int width)
{
  static const WeftlineTransferRoom room = { 80, 80, 60, 80 };
  WeftlineTransferLayout layout;
  int height;

  if (matrix == NULL || matrix->total.n == 0)
    return EMPTY_HEIGHT;
  weftline_transfer_layout_init (&layout);
  weftline_transfer_layout (&layout, matrix, width, EMPTY_HEIGHT, &room, 0);
  height = layout.content_height;
  weftline_transfer_layout_clear (&layout);
  return height;
}

void
weftline_transfer_picture (const WeftlineTransferMatrix *matrix, WeftlineTransferMeasure measure,
                           const WeftlinePalette *palette, WeftlineTextCache *text, bool is_over,
                           bool rtl, cairo_t *cr, int width, int height)
{
  WeftlineTransferLayout layout;
  WeftlineTransferRoom room;

  weftline_transfer_layout_init (&layout);
  weftline_transfer_measure (text, matrix, &room);
  weftline_transfer_layout (&layout, matrix, width, height, &room, 0);
  weftline_transfer_paint (
      &(WeftlineTransferPaint){ .layout = &layout,
                                .matrix = matrix,
                                .measure = weftline_transfer_measure_of (matrix, measure),
                                .palette = palette,
                                .text = text,
                                .hover = { .row = WEFT_NONE, .column = WEFT_NONE },
                                .is_over = is_over,
                                .rtl = rtl },
      cr);
  weftline_transfer_layout_clear (&layout);
}
