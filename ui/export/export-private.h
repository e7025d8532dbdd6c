/* export-private.h: what the files that write views share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "canvas/sheet-paint.h"
#include "export/export.h"

#define EXPORT_MAX_DEFAULT_HEIGHT WEFTLINE_EXPORT_MAX_DEFAULT_HEIGHT

/* ---- export-picture.c ------------------------------------------------------------------------ */

/* What the view is called. (transfer none) */
const char *_weftline_export_view_title (const WeftlineExport *export);
const char *_weftline_export_font (const WeftlineExport *export);
const WeftlinePalette *_weftline_export_palette (const WeftlineExport *export);
/* Of labels: 0 … 2 */
unsigned _weftline_export_density (const WeftlineExport *export);
/* Whether a task is selected that is there. */
bool _weftline_export_has_task (const WeftlineExport *export, const WeftModel *model,
                                const WeftModelSnapshot *snapshot);
/* The moment that is wanted; INT64_MAX: now */
int64_t _weftline_export_at (const WeftlineExport *export);

/* ---- export-stream.c, export-graph.c, export-cards.c ----------------------------------------- */

void _weftline_export_measure_stream (const WeftlineExport *export, WeftModel *model,
                                      const WeftModelSnapshot *snapshot, int *width, int *height);
void _weftline_export_draw_stream (const WeftlineExport *export, WeftModel *model,
                                   const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                   int height, bool as_shapes);
void _weftline_export_measure_graph (const WeftlineExport *export, WeftModel *model,
                                     const WeftModelSnapshot *snapshot, int *width, int *height);
void _weftline_export_draw_graph (const WeftlineExport *export, WeftModel *model,
                                  const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                  int height, bool as_shapes);
void _weftline_export_measure_progress (const WeftlineExport *export, WeftModel *model,
                                        const WeftModelSnapshot *snapshot, int *width, int *height);
void _weftline_export_draw_progress (const WeftlineExport *export, WeftModel *model,
                                     const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                     int height, bool as_shapes);
void _weftline_export_measure_memory (const WeftlineExport *export, WeftModel *model,
                                      const WeftModelSnapshot *snapshot, int *width, int *height);
void _weftline_export_draw_memory (const WeftlineExport *export, WeftModel *model,
                                   const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                   int height, bool as_shapes);
void _weftline_export_measure_held (const WeftlineExport *export, WeftModel *model,
                                    const WeftModelSnapshot *snapshot, int *width, int *height);
void _weftline_export_draw_held (const WeftlineExport *export, WeftModel *model,
                                 const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                 int height, bool as_shapes);
void _weftline_export_measure_where (const WeftlineExport *export, WeftModel *model,
                                     const WeftModelSnapshot *snapshot, int *width, int *height);
void _weftline_export_draw_where (const WeftlineExport *export, WeftModel *model,
                                  const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                  int height, bool as_shapes);
void _weftline_export_measure_resources (const WeftlineExport *export, WeftModel *model,
                                         const WeftModelSnapshot *snapshot, int *width,
                                         int *height);
void _weftline_export_draw_resources (const WeftlineExport *export, WeftModel *model,
                                      const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                      int height, bool as_shapes);
void _weftline_export_measure_occupancy (const WeftlineExport *export, WeftModel *model,
                                         const WeftModelSnapshot *snapshot, int *width,
                                         int *height);
void _weftline_export_draw_occupancy (const WeftlineExport *export, WeftModel *model,
                                      const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                      int height, bool as_shapes);

void _weftline_export_measure_workers (const WeftlineExport *export, WeftModel *model,
                                       const WeftModelSnapshot *snapshot, int *width, int *height);
void _weftline_export_draw_workers (const WeftlineExport *export, WeftModel *model,
                                    const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                    int height, bool as_shapes);
void _weftline_export_measure_transfers (const WeftlineExport *export, WeftModel *model,
                                         const WeftModelSnapshot *snapshot, int *width,
                                         int *height);
void _weftline_export_draw_transfers (const WeftlineExport *export, WeftModel *model,
                                      const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                      int height, bool as_shapes);

/* ---- export-tables.c, export-pages.c --------------------------------------------------------- */

/**
 * ExportSheet:
 * @look: what all sheets have
 * @moment: (nullable)
 * @colors: (element-type uint32_t): of groups
 */
typedef struct
{
  WeftlineSheetLook look;
  char *time;
  WeftMoment *moment;
  GArray *colors;
} ExportSheet;

void _weftline_export_sheet_init (ExportSheet *sheet, const WeftlineExport *export,
                                  WeftModel *model, const WeftModelSnapshot *snapshot);
void _weftline_export_sheet_clear (ExportSheet *sheet);
/* Of a task's group. */
uint32_t _weftline_export_sheet_color (const ExportSheet *sheet, const WeftModel *model,
                                       uint32_t task);
void _weftline_export_measure_table (const WeftlineExport *export, WeftModel *model,
                                     const WeftModelSnapshot *snapshot, int *width, int *height);
void _weftline_export_draw_table (const WeftlineExport *export, WeftModel *model,
                                  const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                  int height, bool as_shapes);
void _weftline_export_measure_events (const WeftlineExport *export, WeftModel *model,
                                      const WeftModelSnapshot *snapshot, int *width, int *height);
void _weftline_export_draw_events (const WeftlineExport *export, WeftModel *model,
                                   const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                   int height, bool as_shapes);
void _weftline_export_measure_inspector (const WeftlineExport *export, WeftModel *model,
                                         const WeftModelSnapshot *snapshot, int *width,
                                         int *height);
void _weftline_export_draw_inspector (const WeftlineExport *export, WeftModel *model,
                                      const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                      int height, bool as_shapes);
void _weftline_export_measure_output (const WeftlineExport *export, WeftModel *model,
                                      const WeftModelSnapshot *snapshot, int *width, int *height);
void _weftline_export_draw_output (const WeftlineExport *export, WeftModel *model,
                                   const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                   int height, bool as_shapes);
void _weftline_export_measure_run (const WeftlineExport *export, WeftModel *model,
                                   const WeftModelSnapshot *snapshot, int *width, int *height);
void _weftline_export_draw_run (const WeftlineExport *export, WeftModel *model,
                                const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                int height, bool as_shapes);
void _weftline_export_measure_results (const WeftlineExport *export, WeftModel *model,
                                       const WeftModelSnapshot *snapshot, int *width, int *height);
void _weftline_export_draw_results (const WeftlineExport *export, WeftModel *model,
                                    const WeftModelSnapshot *snapshot, cairo_t *cr, int width,
                                    int height, bool as_shapes);

/* ---- export-file.c, export-svg.c ------------------------------------------------------------- */

/* What the view is called, and the run. (transfer full) */
char *_weftline_export_title (const WeftlineExport *export, const WeftModel *model);
/* How much of the run is in it. (transfer full) */
char *_weftline_export_about (const WeftModelSnapshot *snapshot);

/* Adds title, description and texts (element-type WeftlineShownText) to what cairo has written. */
void _weftline_svg_finish (GByteArray *bytes, const char *title, const char *about,
                           const GArray *texts);
