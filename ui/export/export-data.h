/* export-data.h: what lists of a run say, as text: CSV, and lines
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A table of a million tasks is no picture: what is a list in the window is written as one. CSV is
 * RFC 4180's, in UTF-8, with a line of names first; names and words are not translated, times are
 * nanoseconds since the run's start, so that programs can read them. Lines are as the window shows
 * them. Any thread.
 */
#pragma once

#include "canvas/time-scale.h"
#include "model/weft-past.h"

#include <glib.h>

typedef enum
{
  WEFTLINE_DATA_TASKS,     /* a line for each: “tasks”, the card “table” */
  WEFTLINE_DATA_EVENTS,    /* what happened, in the order of time: “events” */
  WEFTLINE_DATA_INSPECTOR, /* all that is known of one task: “inspector” */
  WEFTLINE_DATA_N_VIEWS,
} WeftlineDataView;

typedef enum
{
  WEFTLINE_DATA_CSV,
  WEFTLINE_DATA_TEXT, /* not of TASKS: “txt” */
  WEFTLINE_DATA_N_FORMATS,
} WeftlineDataFormat;

/**
 * WeftlineData:
 * @rows: (nullable) (array length=n_rows): tasks, in the order wanted; %NULL: all, in the graph's
 * @task: that INSPECTOR tells of
 * @moment: (nullable): as the run was then
 * @time_form: of the times in lines
 */
typedef struct
{
  WeftlineDataView view;
  WeftlineDataFormat format;
  const uint32_t *rows;
  uint32_t n_rows;
  uint32_t task;
  const WeftMoment *moment;
  WeftlineTimeForm time_form;
} WeftlineData;

/* By what it is called, or its card. Returns: whether there is one */
bool weftline_data_find_view (const char *name, WeftlineDataView *view);
/* “csv”, “txt”. Returns: whether there is one of that name */
bool weftline_data_find_format (const char *name, WeftlineDataFormat *format);
/* Whether a view has that format. */
bool weftline_data_has_format (WeftlineDataView view, WeftlineDataFormat format);

/* (transfer full): "" but for the names where there is nothing */
GString *weftline_data_text (const WeftlineData *data, WeftModel *model,
                             const WeftModelSnapshot *snapshot);
/* Writes it, over what is there. Returns: false with an error of G_FILE_ERROR */
bool weftline_data_file (const WeftlineData *data, WeftModel *model,
                         const WeftModelSnapshot *snapshot, const char *path, GError **error);
