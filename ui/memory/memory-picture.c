/* memory-picture.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/memory-picture.h"

#include "memory/held-paint.h"
#include "memory/held-words.h"
#include "memory/memory-paint.h"
#include "memory/memory-source.h"

#define MOST_STEPS 2000
#define N_BANDS 10

static void
take (WeftlineMemorySource *source, WeftModel *model, const WeftModelSnapshot *snapshot,
      int64_t at_ns)
{
  WeftPast *past = at_ns != INT64_MAX ? weft_past_new (model, snapshot) : NULL;
  WeftMoment *moment = past != NULL ? weft_moment_new (past, at_ns) : NULL;

  weftline_memory_source_take (source, model, snapshot);
  weftline_memory_source_look (source, model, snapshot, moment);
  weft_moment_unref (moment);
  weft_past_free (past);
}

void
weftline_memory_picture (WeftModel *model, const WeftModelSnapshot *snapshot, int64_t at_ns,
                         const WeftlinePalette *palette, WeftlineTextCache *text, bool rtl,
                         const WeftlineClock *clock, cairo_t *cr, int width, int height)
{
  WeftlineMemorySource source;
  WeftlineMemoryRoom room;
  WeftlineMemoryLayout layout;
  WeftlineMemoryInput input;

  weftline_memory_source_init (&source);
  weftline_memory_layout_init (&layout);
  if (model != NULL)
    take (&source, model, snapshot, at_ns);
  input = weftline_memory_source_input (&source);
  input.has_moment = at_ns != INT64_MAX;
  input.moment_ns = at_ns;
  input.clock = *clock;
  weftline_memory_measure (text, &input, width, rtl, &room);
  weftline_memory_layout (&layout, &input, &room, width, height, 0);
  weftline_memory_paint (&(WeftlineMemoryPaint){ .layout = &layout,
                                                 .input = &input,
                                                 .palette = palette,
                                                 .text = text,
                                                 .hover_ns = -1,
                                                 .time_ns = at_ns,
                                                 .rtl = rtl },
                         cr);
  weftline_memory_layout_clear (&layout);
  weftline_memory_source_clear (&source);
}

static void
paint_held (WeftModel *model, const WeftModelSnapshot *snapshot, WeftlineHeldPaint *paint,
            const WeftlineClock *clock, cairo_t *cr, int width, int height)
{
  WeftHeldHistory *history =
      weft_held_history_new (model, snapshot, (uint32_t) CLAMP (width, 1, MOST_STEPS), N_BANDS);
  uint32_t colors[WEFT_HELD_MOST_BANDS];
  WeftlineHeldLayout layout;
  WeftlineHeldBands bands;
  WeftHeldSteps steps;
  int figure, line;

  weft_held_history_steps (history, &steps);
  weftline_held_bands_init (&bands);
  weftline_held_layout_init (&layout);
  layout.clock = *clock;
  weftline_held_bands_take (&bands, model, snapshot, &steps);
  weftline_held_bands_color (&bands, &steps, paint->palette, colors);
  weftline_text_size (paint->text, "0", WEFTLINE_TEXT_SMALL, &figure, &line);
  weftline_held_layout (&layout, &steps, weftline_held_threshold (model), width, height,
                        weftline_held_gutter (paint->text, steps.peak_bytes), paint->rtl, figure);
  paint->layout = &layout;
  paint->names = bands.names;
  paint->colors = colors;
  paint->small = weftline_held_has_results (snapshot);
  weftline_held_paint (paint, cr);
  weftline_held_layout_clear (&layout);
  weftline_held_bands_clear (&bands);
  weft_held_history_free (history);
}

void
weftline_held_picture (WeftModel *model, const WeftModelSnapshot *snapshot, int64_t at_ns,
                       const WeftlinePalette *palette, WeftlineTextCache *text, bool rtl,
                       const WeftlineClock *clock, cairo_t *cr, int width, int height)
{
  const WeftlineHeldLayout nothing = { .width = width, .height = height };
  WeftlineHeldPaint paint = { .layout = &nothing,
                              .palette = palette,
                              .text = text,
                              .hover_step = WEFT_NONE,
                              .hover_band = WEFT_NONE,
                              .selected_band = WEFT_NONE,
                              .time_ns = at_ns,
                              .rtl = rtl };

  if (model == NULL)
    weftline_held_paint (&paint, cr);
  else
    paint_held (model, snapshot, &paint, clock, cr, width, height);
}
