/* memory-layout.h: what memory a run takes now, and took: bars, thresholds, lines over time
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Pure: numbers in, places in the view's units out. Results of a run share one pool, whose limit
 * has thresholds: above target and spill results go to disk, above pause no source is started. Any
 * thread.
 *
 * What was not measured is not shown: of most runs that are observed it is not known how much of a
 * process is results.
 *
 * From the top: a bar for each worker, which scroll if there are many; the pool's; what else there
 * is, as bars or in a line of text; and lines over time. A worker's bar is drawn against an even
 * share of what the pool's stands for, or, if one has more than that, against twice as much, and so
 * on; so thresholds stand at the same places mostly. Where room is short, bars become text, then
 * names of thresholds go, then the lines over time.
 */
#pragma once

#include "canvas/bytes-scale.h"
#include "canvas/time-scale.h"
#include "model/weft-model.h"

#define WEFTLINE_MEMORY_ROW 20
#define WEFTLINE_MEMORY_BAR 12
#define WEFTLINE_MEMORY_WORKER 18 /* height of a worker's row */
#define WEFTLINE_MEMORY_SPLIT 4   /* below the workers, if there are any */
#define WEFTLINE_MEMORY_TEXT 16   /* of a line of text instead of bars, or above the workers */
#define WEFTLINE_MEMORY_MARKS 16  /* height of the thresholds' names below the results' bar */
#define WEFTLINE_MEMORY_AXIS 18
#define WEFTLINE_MEMORY_GAP 6
#define WEFTLINE_MEMORY_LEAST 40 /* height of the lines over time, if they are drawn */

/* Shares of the limit, as the scheduler acts on them. */
#define WEFTLINE_MEMORY_TARGET 0.6
#define WEFTLINE_MEMORY_SPILL 0.7
#define WEFTLINE_MEMORY_PAUSE 0.8

/* How full the pool is; as Dask colours it. */
typedef enum
{
  WEFTLINE_MEMORY_FINE,
  WEFTLINE_MEMORY_SPILLING, /* above target: results go to disk */
  WEFTLINE_MEMORY_PAUSING,  /* above pause: no source is started */
} WeftlineMemoryLevel;

/* @points: in the order of time; each holds until the next */
typedef struct
{
  const WeftModelPoint *points;
  uint64_t n;
} WeftlineMemorySeries;

/**
 * WeftlineMemoryWorker:
 * @short_name: (nullable): without what all have in common
 * @live: bytes of results that it made and that are in memory; of a process, that it holds
 * @spilled: likewise on disk
 * @is_process: it has told itself what it holds
 * @gone: it has left
 * @process, @limit: bytes of the process; 0: not known, or none
 */
typedef struct
{
  const char *name;
  uint64_t live, spilled;
  uint64_t process, limit;
  bool is_process, gone;
  const char *short_name;
} WeftlineMemoryWorker;

/**
 * WeftlineMemoryInput:
 * @end_ns: up to when it is known; lines go on until there
 * @has_moment: bars tell what was at @moment_ns, else what is
 * @workers: (array length=n_workers): of the moment that the bars tell of
 */
typedef struct
{
  WeftlineMemorySeries managed, spilled, resident, children, limit;
  const WeftlineMemoryWorker *workers;
  uint32_t n_workers;
  int64_t end_ns;
  bool has_moment;
  int64_t moment_ns;
  WeftlineClock clock;
} WeftlineMemoryInput;

typedef enum
{
  WEFTLINE_MEMORY_RESULTS, /* in memory */
  WEFTLINE_MEMORY_DISK,    /* spilled */
  WEFTLINE_MEMORY_PROCESS, /* results, and what else the process and its children take */
  WEFTLINE_MEMORY_N_BARS,
} WeftlineMemoryBarKind;

/**
 * WeftlineMemoryBar:
 * @bytes: what it tells
 * @width: of its filled part
 * @inner: of that, what results take (PROCESS)
 */
typedef struct
{
  WeftlineMemoryBarKind kind;
  uint64_t bytes;
  int y;
  double width, inner;
} WeftlineMemoryBar;

/**
 * WeftlineMemoryWorkerBar:
 * @worker: its number among those given
 * @live, @spilled: widths, one behind the other
 * @level: of its even share of the limit; PAUSING only when all pause, as the pool is full
 */
typedef struct
{
  uint32_t worker;
  int y;
  double live, spilled;
  WeftlineMemoryLevel level;
} WeftlineMemoryWorkerBar;

/* @shown: whether its name finds room beside the others */
typedef struct
{
  uint64_t bytes;
  double x;
  int name_x;
  bool shown;
} WeftlineMemoryMark;

typedef enum
{
  WEFTLINE_MARK_TARGET,
  WEFTLINE_MARK_SPILL,
  WEFTLINE_MARK_PAUSE,
  WEFTLINE_MARK_LIMIT,
  WEFTLINE_N_MARKS,
} WeftlineMemoryMarkKind;

/* @y: of columns a unit wide: the highest value in each; none where nothing was known: negative */
typedef struct
{
  double *y;
} WeftlineMemoryLine;

/**
 * WeftlineMemoryRoom:
 * @before, @behind: of the bars' names and bytes
 * @mark_widths: of the thresholds' names
 * @caption: of the words above the workers
 * @gutter: of the bytes' labels beside the lines
 * @figure: width of a figure of their font
 * @rtl: these labels stand on the right of the lines
 */
typedef struct
{
  int before, behind;
  int mark_widths[WEFTLINE_N_MARKS];
  int caption;
  int gutter;
  int figure;
  bool rtl;
} WeftlineMemoryRoom;

/**
 * WeftlineMemoryLayout:
 * @bar_x, @bar_width: names stand before the bars, bytes behind; who paints turns them round where
 *   text runs from right to left, but for the lines: time goes to the right (canvas/reading.h)
 * @worker_full: what a worker's whole bar stands for
 * @n_workers: how many there are
 * @n_sharing: of them, that are not gone: among whom the limit is shared
 * @worker_bars: (array length=n_shown): those that are seen, from the one numbered @first_worker on
 * @has_caption: there is a line above them, at the top
 * @worker_marks: where the thresholds of an even share of the limit are
 * @has_managed: it was measured what results take; else @managed and @unmanaged say nothing, and
 *   there is no bar of them
 * @as_bars: what else there is has bars
 * @as_text: else it stands at @text_y, or nowhere
 * @has_names: the thresholds' names are shown
 * @marks: of the limit, if there is one: @limit > 0
 * @has_lines: there is room for what was; then the rest of it holds
 * @managed, @spilled, @process: (array length=plot_width)
 */
typedef struct
{
  int width, height;
  int bar_x, bar_width;
  uint64_t full; /* what a whole bar stands for, but for that of the disk */
  uint64_t limit, managed, spilled, process, unmanaged;
  bool has_any, has_managed, has_process, has_spilled;
  WeftlineMemoryLevel level;
  uint64_t worker_full;
  uint32_t n_workers, n_sharing, n_shown, first_worker;
  WeftlineMemoryWorkerBar *worker_bars;
  int workers_y;
  bool has_caption;
  double worker_marks[WEFTLINE_N_MARKS];
  bool as_bars, as_text, has_names;
  int text_y;
  unsigned n_bars;
  WeftlineMemoryBar bars[WEFTLINE_MEMORY_N_BARS];
  WeftlineMemoryMark marks[WEFTLINE_N_MARKS];
  int marks_y;
  bool has_lines;
  int plot_x, plot_y, plot_width, plot_height;
  WeftlineTimeScale time;
  WeftlineBytesScale bytes;
  WeftlineMemoryLine managed_line, spilled_line, process_line;
} WeftlineMemoryLayout;

void weftline_memory_layout_init (WeftlineMemoryLayout *layout);
void weftline_memory_layout_clear (WeftlineMemoryLayout *layout);

/* @scroll: workers that are out of view above; brought into what is possible */
void weftline_memory_layout (WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input,
                             const WeftlineMemoryRoom *room, int width, int height,
                             uint32_t scroll);

/* The number of the worker whose row is at a place; WEFT_NONE: none. */
uint32_t weftline_memory_worker_at (const WeftlineMemoryLayout *layout, double x, double y);
/* What a series says at a moment; 0 before its first point. */
uint64_t weftline_memory_at (const WeftlineMemorySeries *series, int64_t at_ns);
/* The moment of a place; negative: outside the lines. */
int64_t weftline_memory_time_at (const WeftlineMemoryLayout *layout,
                                 const WeftlineMemoryInput *input, double x, double y);
WeftlineMemoryLevel weftline_memory_level (uint64_t managed, uint64_t limit);
