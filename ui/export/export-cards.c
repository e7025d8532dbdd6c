/* export-cards.c: views with a card's margins around them, drawn without a window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "export/export-private.h"

#include "memory/memory-picture.h"
#include "occupancy/occupancy-picture.h"
#include "progress/progress-paint.h"
#include "progress/progress-source.h"
#include "resources/resource-picture.h"
#include "transfers/transfer-picture.h"
#include "where/where-picture.h"
#include "workers/workers-picture.h"

#define PROGRESS_WIDTH 640
#define MEMORY_WIDTH 640
#define MEMORY_HEIGHT 320
#define HELD_WIDTH 1200
#define HELD_HEIGHT 420
#define WHERE_WIDTH 640
#define RESOURCES_WIDTH 900
#define RESOURCES_HEIGHT 520
#define OCCUPANCY_WIDTH 1000
#define TRANSFERS_WIDTH 800
#define MARGIN WEFTLINE_EXPORT_MARGIN

static int
within (int size)
{
  return MAX (size - 2 * MARGIN, 1);
}

/* Fills the picture with the card's colour, and moves the origin within its margins. */
static void
begin (const WeftlineExport *export, cairo_t *cr, int width, int height)
{
  weftline_set_color (cr, _weftline_export_palette (export)->card, 1);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_fill (cr);
  cairo_translate (cr, MARGIN, MARGIN);
}

/* ---- progress -------------------------------------------------------------------------------- */

void
_weftline_export_measure_progress (const WeftlineExport *export G_GNUC_UNUSED, WeftModel *model,
                                   const WeftModelSnapshot *snapshot, int *width, int *height)
{
  WeftlineProgressSource source;
  WeftlineProgressLayout layout;

  weftline_progress_source_init (&source);
  weftline_progress_layout_init (&layout);
  weftline_progress_source_take (&source, model, snapshot, NULL);
  weftline_progress_source_layout (&source, WEFTLINE_PROGRESS_AS_IN_GRAPH, PROGRESS_WIDTH, 1, 0,
                                   &layout);
  *width = PROGRESS_WIDTH;
  *height = layout.content_height + 2 * MARGIN;
  weftline_progress_layout_clear (&layout);
  weftline_progress_source_clear (&source);
  *height =
      CLAMP (*height, WEFTLINE_PROGRESS_HEAD + WEFTLINE_PROGRESS_ROW, EXPORT_MAX_DEFAULT_HEIGHT);
}

void
_weftline_export_draw_progress (const WeftlineExport *export, WeftModel *model,
                                const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                int height, bool as_shapes G_GNUC_UNUSED)
{
  WeftlineProgressSource source;
  WeftlineProgressLayout layout;
  WeftlineTextCache *texts = weftline_text_cache_new (_weftline_export_font (export), 1);
  WeftMoment *moment = weftline_export_moment (export, model, snapshot);
  g_autofree char *elapsed = NULL;

  weftline_progress_source_init (&source);
  weftline_progress_layout_init (&layout);
  weftline_progress_source_take (&source, model, snapshot, moment);
  weft_moment_unref (moment);
  elapsed = weftline_progress_elapsed_text (source.elapsed_ns);
  weftline_progress_source_color (&source, _weftline_export_palette (export));
  weftline_progress_source_layout (&source, export->sort, within (width), within (height), 0,
                                   &layout);
  begin (export, cr, width, height);
  weftline_progress_paint (
      &(WeftlineProgressPaint){ .layout = &layout,
                                .groups = (const void *) source.groups->data,
                                .colors = (const uint32_t *) (void *) source.colors->data,
                                .rate = (const double *) (void *) source.rates->data,
                                .left = elapsed,
                                .palette = _weftline_export_palette (export),
                                .text = texts,
                                .hover = WEFT_NONE,
                                .selected = WEFT_NONE,
                                .rtl = export->rtl },
      cr);
  weftline_progress_layout_clear (&layout);
  weftline_progress_source_clear (&source);
  weftline_text_cache_free (texts);
}

/* ---- memory, and what was held --------------------------------------------------------------- */

static WeftlineClock
clock_of (const WeftlineExport *export, const WeftModel *model)
{
  return (WeftlineClock){ export->time_form, model != NULL ? weft_model_wall_ns (model) : 0 };
}

static void
measure_fixed (int fixed_width, int fixed_height, int *width, int *height)
{
  *width = fixed_width;
  *height = fixed_height;
}

void
_weftline_export_measure_memory (const WeftlineExport *export G_GNUC_UNUSED,
                                 WeftModel *model G_GNUC_UNUSED,
                                 const WeftModelSnapshot *snapshot G_GNUC_UNUSED, int *width,
                                 int *height)
{
  measure_fixed (MEMORY_WIDTH, MEMORY_HEIGHT, width, height);
}

void
_weftline_export_draw_memory (const WeftlineExport *export, WeftModel *model,
                              const WeftModelSnapshot *snapshot, cairo_t *cr, int width, int height,
                              bool as_shapes G_GNUC_UNUSED)
{
  WeftlineTextCache *texts = weftline_text_cache_new (_weftline_export_font (export), 1);
  WeftlineClock clock = clock_of (export, model);

  begin (export, cr, width, height);
  weftline_memory_picture (model, snapshot, _weftline_export_at (export),
                           _weftline_export_palette (export), texts, export->rtl, &clock, cr,
                           within (width), within (height));
  weftline_text_cache_free (texts);
}

void
_weftline_export_measure_held (const WeftlineExport *export G_GNUC_UNUSED,
                               WeftModel *model G_GNUC_UNUSED,
                               const WeftModelSnapshot *snapshot G_GNUC_UNUSED, int *width,
                               int *height)
{
  measure_fixed (HELD_WIDTH, HELD_HEIGHT, width, height);
}

void
_weftline_export_draw_held (const WeftlineExport *export, WeftModel *model,
                            const WeftModelSnapshot *snapshot, cairo_t *cr, int width, int height,
                            bool as_shapes G_GNUC_UNUSED)
{
  WeftlineTextCache *texts = weftline_text_cache_new (_weftline_export_font (export), 1);
  WeftlineClock clock = clock_of (export, model);

  begin (export, cr, width, height);
  weftline_held_picture (model, snapshot, _weftline_export_at (export),
                         _weftline_export_palette (export), texts, export->rtl, &clock, cr,
                         within (width), within (height));
  weftline_text_cache_free (texts);
}

/* ---- where the time goes --------------------------------------------------------------------- */

static WeftlineWherePart
where_part (const WeftlineExport *export)
{
  bool is_range = export->to_ns > export->from_ns;
  int64_t to_ns = MIN (_weftline_export_at (export), is_range ? export->to_ns : INT64_MAX);

  return (WeftlineWherePart){ is_range || export->has_time, is_range ? export->from_ns : 0, to_ns };
}

void
_weftline_export_measure_where (const WeftlineExport *export, WeftModel *model,
                                const WeftModelSnapshot *snapshot, int *width, int *height)
{
  *width = WHERE_WIDTH;
  *height =
      2 * MARGIN
      + weftline_where_picture_height (model, snapshot, where_part (export),
                                       within (export->width > 0 ? export->width : WHERE_WIDTH));
  *height = MIN (*height, EXPORT_MAX_DEFAULT_HEIGHT);
}

void
_weftline_export_draw_where (const WeftlineExport *export, WeftModel *model,
                             const WeftModelSnapshot *snapshot, cairo_t *cr, int width, int height,
                             bool as_shapes G_GNUC_UNUSED)
{
  WeftlineTextCache *texts = weftline_text_cache_new (_weftline_export_font (export), 1);

  begin (export, cr, width, height);
  weftline_where_picture (model, snapshot, where_part (export), _weftline_export_palette (export),
                          texts, export->rtl, cr, within (width), within (height));
  weftline_text_cache_free (texts);
}

/* ---- the process ----------------------------------------------------------------------------- */

void
_weftline_export_measure_resources (const WeftlineExport *export G_GNUC_UNUSED,
                                    WeftModel *model G_GNUC_UNUSED,
                                    const WeftModelSnapshot *snapshot G_GNUC_UNUSED, int *width,
                                    int *height)
{
  measure_fixed (RESOURCES_WIDTH, RESOURCES_HEIGHT, width, height);
}

void
_weftline_export_draw_resources (const WeftlineExport *export, WeftModel *model,
                                 const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                 int height, bool as_shapes G_GNUC_UNUSED)
{
  WeftlineTextCache *texts = weftline_text_cache_new (_weftline_export_font (export), 1);

  begin (export, cr, width, height);
  weftline_resource_picture (model, snapshot, _weftline_export_at (export),
                             _weftline_export_palette (export), texts, export->time_form,
                             export->rtl, cr, within (width), within (height));
  weftline_text_cache_free (texts);
}

/* ---- occupancy ------------------------------------------------------------------------------- */

void
_weftline_export_measure_occupancy (const WeftlineExport *export G_GNUC_UNUSED, WeftModel *model,
                                    const WeftModelSnapshot *snapshot, int *width, int *height)
{
  *width = OCCUPANCY_WIDTH;
  *height = weftline_occupancy_picture_height (model, snapshot) + 2 * MARGIN;
  *height = MIN (*height, EXPORT_MAX_DEFAULT_HEIGHT);
}

void
_weftline_export_draw_occupancy (const WeftlineExport *export, WeftModel *model,
                                 const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                 int height, bool as_shapes)
{
  WeftlineTextCache *texts = weftline_text_cache_new (_weftline_export_font (export), 1);

  begin (export, cr, width, height);
  weftline_occupancy_picture (
      model, snapshot,
      &(WeftlineOccupancyPaint){ .palette = _weftline_export_palette (export),
                                 .text = texts,
                                 .time_form = export->time_form,
                                 .at_ns = _weftline_export_at (export),
                                 .rtl = export->rtl,
                                 .as_shapes = as_shapes },
      export->from_ns, export->to_ns, cr, within (width), within (height));
  weftline_text_cache_free (texts);
}

/* ---- workers --------------------------------------------------------------------------------- */

void
_weftline_export_measure_workers (const WeftlineExport *export, WeftModel *model,
                                  const WeftModelSnapshot *snapshot, int *width, int *height)
{
  WeftlineTextCache *texts = weftline_text_cache_new (_weftline_export_font (export), 1);
  WeftlineClock clock = clock_of (export, model);

  weftline_workers_picture_size (model, snapshot, texts, &clock, width, height);
  *width = MIN (*width + 2 * MARGIN, WEFTLINE_EXPORT_MAX_SIZE);
  *height = MIN (*height + 2 * MARGIN, EXPORT_MAX_DEFAULT_HEIGHT);
  weftline_text_cache_free (texts);
}

void
_weftline_export_draw_workers (const WeftlineExport *export, WeftModel *model,
                               const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                               int height, bool as_shapes G_GNUC_UNUSED)
{
  WeftlineTextCache *texts = weftline_text_cache_new (_weftline_export_font (export), 1);
  WeftlineClock clock = clock_of (export, model);

  begin (export, cr, width, height);
  weftline_workers_picture (model, snapshot, _weftline_export_at (export),
                            _weftline_export_palette (export), texts, export->rtl, &clock, cr,
                            within (width), within (height));
  weftline_text_cache_free (texts);
}

/* ---- transfers ------------------------------------------------------------------------------- */

/* (transfer full) (nullable) */
static WeftlineTransferMatrix *
make_matrix (const WeftlineExport *export, WeftModel *model, const WeftModelSnapshot *snapshot)
{
  bool is_range = export->to_ns > export->from_ns;
  /* what ends at the moment that is looked at has ended by then */
  int64_t then_ns = export->has_time ? export->at_ns + 1 : INT64_MAX;

  return weftline_transfer_picture_matrix (model, snapshot, is_range ? export->from_ns : INT64_MIN,
                                           MIN (is_range ? export->to_ns : INT64_MAX, then_ns));
}

void
_weftline_export_measure_transfers (const WeftlineExport *export, WeftModel *model,
                                    const WeftModelSnapshot *snapshot, int *width, int *height)
{
  WeftlineTransferMatrix *matrix = make_matrix (export, model, snapshot);
  int within_width = within (export->width > 0 ? export->width : TRANSFERS_WIDTH);

  *width = TRANSFERS_WIDTH;
  *height = 2 * MARGIN + weftline_transfer_picture_height (matrix, within_width);
  *height = MIN (*height, EXPORT_MAX_DEFAULT_HEIGHT);
  weftline_transfer_matrix_free (matrix);
}

void
_weftline_export_draw_transfers (const WeftlineExport *export, WeftModel *model,
                                 const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                 int height, bool as_shapes G_GNUC_UNUSED)
{
  WeftlineTransferMatrix *matrix = make_matrix (export, model, snapshot);
  WeftlineTextCache *texts = weftline_text_cache_new (_weftline_export_font (export), 1);

  begin (export, cr, width, height);
  weftline_transfer_picture (
      matrix, export->by_rate ? WEFTLINE_TRANSFER_BY_RATE : WEFTLINE_TRANSFER_BY_BYTES,
      _weftline_export_palette (export), texts, snapshot->phase >= WEFT_RUN_DONE, export->rtl, cr,
      within (width), within (height));
  weftline_text_cache_free (texts);
  weftline_transfer_matrix_free (matrix);
}
