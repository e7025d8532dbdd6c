/* export.h: views of a run as files: PNG, SVG, PDF
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Drawn by the same code that draws the window's views, without a window: a PNG is what a view of
 * that size shows, in SVG and PDF shapes are shapes and text is text. Sizes are units of the view:
 * pixels, in PDF points.
 *
 * One thread's; that may be any.
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/time-scale.h"
#include "graph/graph-lineage.h"
#include "graph/graph-scene.h"
#include "model/weft-eta.h"
#include "model/weft-model.h"
#include "model/weft-past.h"
#include "progress/progress-layout.h"
#include "session/weftline-run.h"
#include "table/task-rows.h"

#define WEFTLINE_EXPORT_MAX_SIZE 16384
/* Where nothing is said of the height, a list is as high as all of it needs, but no higher; then it
 * says how much of how much it shows. */
#define WEFTLINE_EXPORT_MAX_DEFAULT_HEIGHT 8000
#define WEFTLINE_EXPORT_MARGIN 12 /* around all but stream and graph */

#define WEFTLINE_EXPORT_ERROR (weftline_export_error_quark ())
GQuark weftline_export_error_quark (void);

typedef enum
{
  WEFTLINE_EXPORT_ERROR_SIZE, /* more than can be drawn */
  WEFTLINE_EXPORT_ERROR_DRAW, /* cairo would not: out of memory, mostly */
} WeftlineExportError;

typedef enum
{
  WEFTLINE_EXPORT_STREAM,
  WEFTLINE_EXPORT_GRAPH,
  WEFTLINE_EXPORT_PROGRESS,
  WEFTLINE_EXPORT_MEMORY,
  WEFTLINE_EXPORT_HELD,      /* in memory, by group over time */
  WEFTLINE_EXPORT_WHERE,     /* the time goes */
  WEFTLINE_EXPORT_RESOURCES, /* CPU, memory and I/O of the process */
  WEFTLINE_EXPORT_OCCUPANCY, /* of workers, over time */
  WEFTLINE_EXPORT_WORKERS,   /* that are processes, a row each */
  WEFTLINE_EXPORT_TRANSFERS, /* between workers */
  /* from here on lists, drawn as sheets; the last two tell of the run */
  WEFTLINE_EXPORT_TABLE,     /* of tasks */
  WEFTLINE_EXPORT_INSPECTOR, /* all that is known of the selected task */
  WEFTLINE_EXPORT_EVENTS,    /* what happened */
  WEFTLINE_EXPORT_OUTPUT,    /* what tasks wrote */
  WEFTLINE_EXPORT_RUN,       /* how it stands, in figures */
  WEFTLINE_EXPORT_RESULTS,   /* what came of it */
  WEFTLINE_EXPORT_N_VIEWS,
} WeftlineExportView;

typedef enum
{
  WEFTLINE_EXPORT_PNG,
  WEFTLINE_EXPORT_SVG,
  WEFTLINE_EXPORT_PDF,
} WeftlineExportFormat;

/**
 * WeftlineExportTable:
 * @rows: (nullable) (array length=n_rows): tasks, in the order wanted; %NULL: all, in the graph's
 * @first: the row that is shown first, where not all are
 * @column: they are sorted by; WEFTLINE_TASK_N_COLUMNS: as in the graph
 */
typedef struct
{
  const uint32_t *rows;
  uint32_t n_rows;
  uint32_t first;
  WeftlineTaskColumn column;
  bool descending;
} WeftlineExportTable;

/* As rows answer a query. @in_sight: task in the first row that is shown, where it has one;
 * WEFT_NONE: from the top. @rows: stay the caller's, and have to last as long as the table */
void weftline_export_table_init (WeftlineExportTable *table, const WeftlineTaskRows *rows,
                                 const WeftlineTaskQuery *query, uint32_t in_sight);

/**
 * WeftlineExportRun:
 * @left: (nullable): how long the rest takes
 * @failure: (nullable): which task failed, and why
 * @message: (nullable): why the run did
 * @results: what is said of them
 * @are_results: they are that, not words on why there are none
 */
typedef struct
{
  WeftlineRunStatus status;
  const WeftEta *left;
  const char *failure;
  const char *message;
  const char *results;
  bool are_results;
} WeftlineExportRun;

/**
 * WeftlineExport:
 * @width, @height: 0: as much as the view needs to show everything, within reason
 * @labels: −1: few, 0: as usual, 1: many
 * @font: (nullable): as pango_font_description_from_string(); %NULL: “Sans 10”
 * @from_ns, @to_ns: what stream and occupancy show, and where and transfers tell of; @to_ns not
 *   after @from_ns: all of the run
 * @viewport: (nullable): what the task graph shows; %NULL: all of it. Its size in pixels is not
 *   looked at
 * @has_value: the task graph's colours tell @value, not states
 * @dot: small task graphs are laid out by Graphviz, where it is there
 * @by_rate: the colours of transfers tell bandwidths, not bytes
 * @sort: of the groups, in progress
 * @has_task: @task, the model's number, is selected, in stream, graph and table: the stream has
 *   arrows to what it needed and to what needs it; it is what the inspector tells of
 * @lineage: which of its ancestors and descendants stand out, in stream, graph and table; nothing
 *   does without a task
 * @has_time: as the run was at @at_ns, else as it is; held, resources and occupancy have a line
 *   there
 * @table: (nullable): which tasks the table has; %NULL: all
 * @kinds: of events, bits, 1 << WeftlineEventKind; 0: as the window has them at first
 * @n_levels, @worker: of events, see WeftlineEventFilter
 * @run: (nullable): what run and results say; %NULL: what the records have
 *
 * Zeroed is fine.
 */
typedef struct
{
  WeftlineExportView view;
  WeftlineExportFormat format;
  int width, height;
  WeftlinePaletteKind palette;
  bool dark, rtl;
  int labels;
  WeftlineTimeForm time_form;
  const char *font;
  int64_t from_ns, to_ns;
  const WeftlineViewport *viewport;
  bool has_value;
  WeftlineGraphValue value;
  bool dot;
  bool by_rate;
  WeftlineProgressSort sort;
  bool has_task;
  uint32_t task;
  WeftlineLineage lineage;
  bool has_time;
  int64_t at_ns;
  const WeftlineExportTable *table;
  uint32_t kinds;
  unsigned n_levels;
  uint32_t worker;
  const WeftlineExportRun *run;
} WeftlineExport;

/* “stream”, “graph”, “progress”, “memory”, “held”, “where”, “resources”, “occupancy”, “transfers”,
 * “table”, “inspector”, “events”, “output”, “run”, “results”, “workers”. Returns: whether there is
 * one of that name */
bool weftline_export_find_view (const char *name, WeftlineExportView *view);
/* NULL-terminated, in the order of the enumeration: “png”, “svg”, “pdf”. (transfer none) */
const char *const *weftline_export_format_names (void);

/* Says what size it will have. */
void weftline_export_measure (const WeftlineExport *export, WeftModel *model,
                              const WeftModelSnapshot *snapshot, int *width, int *height);

/* Draws it at the context's origin, in that size. @as_shapes: for a surface that is not made of
 * pixels. */
void weftline_export_draw (const WeftlineExport *export, WeftModel *model,
                           const WeftModelSnapshot *snapshot, cairo_t *cr, int width, int height,
                           bool as_shapes);

/* How the run was at the time that is wanted. O(tasks). (transfer full) (nullable): NULL: it is now
 * that is wanted */
WeftMoment *weftline_export_moment (const WeftlineExport *export, WeftModel *model,
                                    const WeftModelSnapshot *snapshot);

/* (transfer full) (nullable): the file's bytes; NULL with an error of WEFTLINE_EXPORT_ERROR */
GBytes *weftline_export_bytes (const WeftlineExport *export, WeftModel *model,
                               const WeftModelSnapshot *snapshot, GError **error);

/* Writes it, over what is there. Returns: false with an error of WEFTLINE_EXPORT_ERROR or
 * G_FILE_ERROR */
bool weftline_export_file (const WeftlineExport *export, WeftModel *model,
                           const WeftModelSnapshot *snapshot, const char *path, GError **error);
