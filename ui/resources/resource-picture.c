/* resource-picture.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "resources/resource-picture.h"

#include "resources/resource-paint.h"

void
weftline_resource_picture (WeftModel *model, const WeftModelSnapshot *snapshot, int64_t at_ns,
                           const WeftlinePalette *palette, WeftlineTextCache *text,
                           WeftlineTimeForm time_form, bool rtl, cairo_t *cr, int width, int height)
{
  WeftlineResourceLayout layout = { 0 };

  weftline_resource_layout (&layout, model, snapshot->last_ns, width, height);
  weftline_resource_paint (
      &(WeftlineResourcePaint){ .layout = &layout,
                                .palette = palette,
                                .text = text,
                                .time_form = time_form,
                                .rtl = rtl,
                                .wall_ns = model != NULL ? weft_model_wall_ns (model) : 0,
                                .has_time = at_ns != INT64_MAX,
                                .time_ns = at_ns },
      cr);
  weftline_resource_layout_clear (&layout);
}
