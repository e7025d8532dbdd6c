/* export-picture.c: views drawn without a window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A view is known here by its line in `kinds`.
 */
#include "config.h"

#include "export/export-private.h"

#include <glib/gi18n.h>

#define DEFAULT_FONT "Sans 10"

typedef struct
{
  const char *name;
  const char *title;
  /* How large it is where nothing is said of that. */
  void (*measure) (const WeftlineExport *export, WeftModel *model,
                   const WeftModelSnapshot *snapshot, int *width, int *height);
  void (*draw) (const WeftlineExport *export, WeftModel *model, const WeftModelSnapshot *snapshot,
                cairo_t *cr, int width, int height, bool as_shapes);
} Kind;

static const Kind kinds[WEFTLINE_EXPORT_N_VIEWS] = {
  [WEFTLINE_EXPORT_STREAM] = { "stream", N_ ("Task stream"), _weftline_export_measure_stream,
                               _weftline_export_draw_stream },
  [WEFTLINE_EXPORT_GRAPH] = { "graph", N_ ("Task graph"), _weftline_export_measure_graph,
                              _weftline_export_draw_graph },
  [WEFTLINE_EXPORT_PROGRESS] = { "progress", N_ ("Progress"), _weftline_export_measure_progress,
                                 _weftline_export_draw_progress },
  [WEFTLINE_EXPORT_MEMORY] = { "memory", N_ ("Memory"), _weftline_export_measure_memory,
                               _weftline_export_draw_memory },
  [WEFTLINE_EXPORT_HELD] = { "held", N_ ("Held in memory"), _weftline_export_measure_held,
                             _weftline_export_draw_held },
  [WEFTLINE_EXPORT_WHERE] = { "where", N_ ("Where the time goes"), _weftline_export_measure_where,
                              _weftline_export_draw_where },
  [WEFTLINE_EXPORT_RESOURCES] = { "resources", N_ ("CPU, memory and I/O"),
                                  _weftline_export_measure_resources,
                                  _weftline_export_draw_resources },
  [WEFTLINE_EXPORT_OCCUPANCY] = { "occupancy", N_ ("Occupancy"), _weftline_export_measure_occupancy,
                                  _weftline_export_draw_occupancy },
  [WEFTLINE_EXPORT_WORKERS] = { "workers", N_ ("Workers"), _weftline_export_measure_workers,
                                _weftline_export_draw_workers },
  [WEFTLINE_EXPORT_TRANSFERS] = { "transfers", N_ ("Transfers"), _weftline_export_measure_transfers,
                                  _weftline_export_draw_transfers },
  [WEFTLINE_EXPORT_TABLE] = { "table", N_ ("Tasks"), _weftline_export_measure_table,
                              _weftline_export_draw_table },
  [WEFTLINE_EXPORT_INSPECTOR] = { "inspector", N_ ("Inspector"), _weftline_export_measure_inspector,
                                  _weftline_export_draw_inspector },
  [WEFTLINE_EXPORT_EVENTS] = { "events", N_ ("Event log"), _weftline_export_measure_events,
                               _weftline_export_draw_events },
  [WEFTLINE_EXPORT_OUTPUT] = { "output", N_ ("Output of tasks"), _weftline_export_measure_output,
                               _weftline_export_draw_output },
  [WEFTLINE_EXPORT_RUN] = { "run", N_ ("This run"), _weftline_export_measure_run,
                            _weftline_export_draw_run },
  [WEFTLINE_EXPORT_RESULTS] = { "results", N_ ("Results"), _weftline_export_measure_results,
                                _weftline_export_draw_results },
};

/* ---- what is wanted -------------------------------------------------------------------------- */

bool
weftline_export_find_view (const char *name, WeftlineExportView *view)
{
  for (int i = 0; i < WEFTLINE_EXPORT_N_VIEWS; i++)
    if (g_str_equal (kinds[i].name, name))
      {
        *view = (WeftlineExportView) i;
        return true;
      }
  return false;
}

const char *
_weftline_export_view_title (const WeftlineExport *export)
{
  return _ (kinds[export->view].title);
}

const char *
_weftline_export_font (const WeftlineExport *export)
{
  return export->font != NULL ? export->font : DEFAULT_FONT;
}

const WeftlinePalette *
_weftline_export_palette (const WeftlineExport *export)
{
  return weftline_palette (export->palette, export->dark);
}

unsigned
_weftline_export_density (const WeftlineExport *export)
{
  return (unsigned) (CLAMP (export->labels, -1, 1) + 1);
}

bool
_weftline_export_has_task (const WeftlineExport *export, const WeftModel *model,
                           const WeftModelSnapshot *snapshot)
{
  return model != NULL && export->has_task && export->task < snapshot->n_tasks;
}

int64_t
_weftline_export_at (const WeftlineExport *export)
{
  return export->has_time ? export->at_ns : INT64_MAX;
}

WeftMoment *
weftline_export_moment (const WeftlineExport *export, WeftModel *model,
                        const WeftModelSnapshot *snapshot)
{
  WeftMoment *moment;
  WeftPast *past;

  if (!export->has_time || model == NULL)
    return NULL;
  past = weft_past_new (model, snapshot);
  moment = weft_moment_new (past, export->at_ns);
  weft_past_free (past);
  return moment;
}

/* ---- drawing --------------------------------------------------------------------------------- */

void
weftline_export_measure (const WeftlineExport *export, WeftModel *model,
                         const WeftModelSnapshot *snapshot, int *width, int *height)
{
  int needed_width = 0, needed_height = 0;

  if (export->width <= 0 || export->height <= 0)
    kinds[export->view].measure (export, model, snapshot, &needed_width, &needed_height);
  *width = export->width > 0 ? export->width : needed_width;
  *height = export->height > 0 ? export->height : needed_height;
}

void
weftline_export_draw (const WeftlineExport *export, WeftModel *model,
                      const WeftModelSnapshot *snapshot, cairo_t *cr, int width, int height,
                      bool as_shapes)
{
  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_clip (cr);
  kinds[export->view].draw (export, model, snapshot, cr, width, height, as_shapes);
  cairo_restore (cr);
}
