/* memory-source.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/memory-source.h"

#include <glib/gi18n.h>

static const WeftModelSeries series[WEFTLINE_MEMORY_N_SERIES] = {
  WEFT_SERIES_MANAGED,  WEFT_SERIES_SPILLED, WEFT_SERIES_RESIDENT,
  WEFT_SERIES_CHILDREN, WEFT_SERIES_LIMIT,
};

/* ---- series ---------------------------------------------------------------------------------- */

void
weftline_memory_source_init (WeftlineMemorySource *source)
{
  for (unsigned i = 0; i < WEFTLINE_MEMORY_N_SERIES; i++)
    source->points[i] = g_array_new (FALSE, FALSE, sizeof (WeftModelPoint));
  source->end_ns = 0;
}

void
weftline_memory_source_clear (WeftlineMemorySource *source)
{
  for (unsigned i = 0; i < WEFTLINE_MEMORY_N_SERIES; i++)
    g_array_unref (source->points[i]);
}

static bool
take_points (GArray *points, const WeftModel *model, WeftModelSeries which)
{
  uint64_t n = MIN (weft_model_series_n (model, which), G_MAXUINT);
  bool any = points->len < n;

  while (points->len < n)
    {
      WeftModelPoint point = weft_model_series_get (model, which, points->len);

      g_array_append_val (points, point);
    }
  return any;
}

/* While a run goes on its lines grow with the next points. */
bool
weftline_memory_source_take (WeftlineMemorySource *source, const WeftModel *model,
                             const WeftModelSnapshot *snapshot)
{
  int64_t end_ns = MAX (snapshot->last_ns, 0);
  bool any = false;

  for (unsigned i = 0; i < WEFTLINE_MEMORY_N_SERIES; i++)
    any |= take_points (source->points[i], model, series[i]);
  any |= snapshot->phase >= WEFT_RUN_DONE && end_ns != source->end_ns;
  if (any)
    source->end_ns = end_ns;
  return any;
}

static WeftlineMemorySeries
series_of (const WeftlineMemorySource *source, unsigned i)
{
  return (WeftlineMemorySeries){ (const WeftModelPoint *) (void *) source->points[i]->data,
                                 source->points[i]->len };
}

WeftlineMemoryInput
weftline_memory_source_input (const WeftlineMemorySource *source)
{
  return (WeftlineMemoryInput){ .managed = series_of (source, 0),
                                .spilled = series_of (source, 1),
                                .resident = series_of (source, 2),
                                .children = series_of (source, 3),
                                .limit = series_of (source, 4),
                                .end_ns = source->end_ns };
}

/* ---- bands ----------------------------------------------------------------------------------- */

void
weftline_held_bands_init (WeftlineHeldBands *bands)
{
  *bands = (WeftlineHeldBands){ .slots = weftline_group_colors_new () };
}

void
weftline_held_bands_clear (WeftlineHeldBands *bands)
{
  weftline_group_colors_free (bands->slots);
}

void
weftline_held_bands_take (WeftlineHeldBands *bands, const WeftModel *model,
                          const WeftModelSnapshot *snapshot, const WeftHeldSteps *steps)
{
  WeftModelGroup group;

  for (; bands->n_groups < snapshot->n_groups; bands->n_groups++)
    {
      weft_model_group (model, bands->n_groups, &group);
      weftline_group_colors_add (bands->slots, group.name);
    }
  for (uint32_t band = 0; band < steps->n_bands; band++)
    {
      bands->names[band] = _ ("others");
      bands->slot_of_band[band] = WEFTLINE_SLOT_OTHER;
      if (steps->groups[band] == WEFT_NONE)
        continue;
      weft_model_group (model, steps->groups[band], &group);
      bands->names[band] = group.name;
      bands->slot_of_band[band] = weftline_group_colors_add (bands->slots, group.name);
    }
}

void
weftline_held_bands_color (const WeftlineHeldBands *bands, const WeftHeldSteps *steps,
                           const WeftlinePalette *palette, uint32_t *colors)
{
  for (uint32_t band = 0; band < steps->n_bands; band++)
    colors[band] = weftline_palette_group (palette, bands->names[band], bands->slot_of_band[band]);
}

uint64_t
weftline_held_threshold (const WeftModel *model)
{
  return (uint64_t) ((double) weft_model_memory_limit (model) * WEFTLINE_MEMORY_SPILL);
}
