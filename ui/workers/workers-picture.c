/* workers-picture.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "workers/workers-picture.h"

#include "workers/workers-paint.h"

#define LINE 84
#define BAR 160
#define LEAST_WIDTH 640
#define LEAST_HEIGHT 96

static void
begin (WeftlineWorkersSource *source, WeftModel *model, const WeftModelSnapshot *snapshot,
       int64_t at_ns)
{
  weftline_workers_source_init (source);
  if (model == NULL)
    return;
  weftline_workers_source_take (source, model, snapshot);
  weftline_workers_source_look (source, snapshot, at_ns);
  weftline_workers_source_sort (source, WEFTLINE_WORKERS_NAME, false);
}

void
weftline_workers_picture_size (WeftModel *model, const WeftModelSnapshot *snapshot,
                               WeftlineTextCache *text, const WeftlineClock *clock, int *width,
                               int *height)
{
  WeftlineWorkersSource source;
  WeftlineWorkersLayout layout = { 0 };
  WeftlineWorkersRoom room;

  begin (&source, model, snapshot, INT64_MAX);
  weftline_workers_measure (text, &source, clock, WEFTLINE_WORKERS_NAME, &room);
  *width = 2 * WEFTLINE_WORKERS_EDGE;
  for (unsigned i = 0; i < WEFTLINE_WORKERS_N_COLUMNS; i++)
    if (source.has[i])
      {
        *width += room.natural[i] + WEFTLINE_WORKERS_GAP;
        *width += weftline_workers_has_line ((WeftlineWorkersColumn) i)
                      ? LINE + WEFTLINE_WORKERS_INNER
                      : 0;
        *width += i == WEFTLINE_WORKERS_MEMORY ? BAR : 0;
      }
  *width = MAX (*width, LEAST_WIDTH);
  weftline_workers_layout (&layout, &source, &room, *width, 0, 0);
  *height = MAX (layout.content_height, LEAST_HEIGHT);
  weftline_workers_layout_clear (&layout);
  weftline_workers_source_clear (&source);
}

void
weftline_workers_picture (WeftModel *model, const WeftModelSnapshot *snapshot, int64_t at_ns,
                          const WeftlinePalette *palette, WeftlineTextCache *text, bool rtl,
                          const WeftlineClock *clock, cairo_t *cr, int width, int height)
{
  WeftlineWorkersSource source;
  WeftlineWorkersLayout layout = { 0 };
  WeftlineWorkersRoom room;

  begin (&source, model, snapshot, at_ns);
  weftline_workers_measure (text, &source, clock, WEFTLINE_WORKERS_NAME, &room);
  weftline_workers_layout (&layout, &source, &room, width, height, 0);
  weftline_workers_layout_lines (&layout, &source, MIN (at_ns, snapshot->last_ns));
  weftline_workers_paint (&(WeftlineWorkersPaint){ .layout = &layout,
                                                   .source = &source,
                                                   .palette = palette,
                                                   .text = text,
                                                   .clock = *clock,
                                                   .hover = { .column = WEFTLINE_WORKERS_N_COLUMNS,
                                                              .worker = WEFT_NONE },
                                                   .selected = WEFT_NONE,
                                                   .linked = WEFT_NONE,
                                                   .rtl = rtl },
                          cr);
  weftline_workers_layout_clear (&layout);
  weftline_workers_source_clear (&source);
}
