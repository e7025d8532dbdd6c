/* held-layout.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/held-layout.h"

#define TICK_DISTANCE 34 /* of bytes, at least */

void
weftline_held_layout_init (WeftlineHeldLayout *layout)
{
  *layout = (WeftlineHeldLayout){ 0 };
}

void
weftline_held_layout_clear (WeftlineHeldLayout *layout)
{
  g_clear_pointer (&layout->tops, g_free);
  g_clear_pointer (&layout->edges, g_free);
}

static void
place_plot (WeftlineHeldLayout *layout, int gutter, bool rtl)
{
  int below = WEFTLINE_HELD_AXIS + WEFTLINE_HELD_LEGEND;

  layout->plot = (WeftlineHeldPlot){
    .x = rtl ? 0 : MIN (gutter, layout->width),
    .y = WEFTLINE_HELD_HEAD,
    .width = MAX (layout->width - gutter, 0),
    .height = MAX (layout->height - WEFTLINE_HELD_HEAD - below, 0),
  };
}

static double
y_of (const WeftlineHeldLayout *layout, uint64_t bytes)
{
  return layout->plot.y + layout->plot.height
         - weftline_bytes_y (&layout->bytes, bytes, layout->plot.height);
}

double
weftline_held_x (const WeftlineHeldLayout *layout, int64_t at_ns)
{
  double share = layout->steps.end_ns > 0 ? (double) at_ns / (double) layout->steps.end_ns : 0;

  return layout->plot.x + CLAMP (share, 0, 1) * layout->plot.width;
}

static void
place_bands (WeftlineHeldLayout *layout)
{
  const WeftHeldSteps *steps = &layout->steps;
  uint32_t n = steps->n_steps;

  g_free (layout->tops);
  g_free (layout->edges);
  layout->tops = g_new (double, (size_t) MAX (steps->n_bands, 1) * n);
  layout->edges = g_new (double, (size_t) n + 1);
  for (uint32_t step = 0; step <= n; step++)
    layout->edges[step] = layout->plot.x + (double) layout->plot.width * step / n;
  for (uint32_t step = 0; step < n; step++)
    {
      uint64_t sum = 0;

      for (uint32_t band = 0; band < steps->n_bands; band++)
        {
          size_t i = (size_t) band * n + step;

          sum += steps->bands[i];
          layout->tops[i] = y_of (layout, sum);
        }
    }
}

void
weftline_held_layout (WeftlineHeldLayout *layout, const WeftHeldSteps *steps,
                      uint64_t threshold_bytes, int width, int height, int gutter, bool rtl,
                      double figure)
{
  uint64_t most = steps->peak_bytes;

  layout->steps = *steps;
  layout->width = MAX (width, 0);
  layout->height = MAX (height, 0);
  place_plot (layout, gutter, rtl);
  /* The limit is shown if what was held came near it: else it would press all flat. */
  if (threshold_bytes > most && threshold_bytes / 2 <= most)
    most = threshold_bytes;
  weftline_bytes_scale (&layout->bytes, most, layout->plot.height, TICK_DISTANCE,
                        WEFTLINE_BYTES_DECIMAL);
  weftline_time_scale (&layout->time, 0, MAX (steps->end_ns, 1), MAX (layout->plot.width, 1),
                       figure, layout->clock.form, layout->clock.wall_ns);
  place_bands (layout);
  layout->threshold_y = threshold_bytes > 0 && threshold_bytes <= layout->bytes.top
                            ? y_of (layout, threshold_bytes)
                            : -1;
  layout->peak_x = weftline_held_x (layout, steps->peak_ns);
  layout->peak_y = y_of (layout, steps->peak_bytes);
}

double
weftline_held_in_memory_y (const WeftlineHeldLayout *layout, uint32_t step)
{
  const WeftHeldSteps *steps = &layout->steps;
  uint64_t on_disk = steps->on_disk != NULL ? steps->on_disk[step] : 0;

  return y_of (layout, steps->totals[step] - on_disk);
}

bool
weftline_held_step_at (const WeftlineHeldLayout *layout, double x, double y, uint32_t *step)
{
  const WeftlineHeldPlot *plot = &layout->plot;
  double share = (x - plot->x) / MAX (plot->width, 1);

  if (layout->edges == NULL || x < plot->x || x >= plot->x + plot->width || y < 0
      || y >= plot->y + plot->height)
    return false;
  *step = MIN ((uint32_t) (share * layout->steps.n_steps), layout->steps.n_steps - 1);
  return true;
}

uint32_t
weftline_held_band_at (const WeftlineHeldLayout *layout, uint32_t step, double y)
{
  uint32_t band = 0;

  while (band < layout->steps.n_bands
         && layout->tops[(size_t) band * layout->steps.n_steps + step] > y)
    band++;
  return band;
}
