/* task-words.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "table/task-words.h"

#include "canvas/lane-text.h"
#include "canvas/number-format.h"
#include "inspect/inspect-facts.h"

#include <glib/gi18n.h>

typedef struct
{
  const char *name;
  const char *title;
  bool is_number;
  unsigned least, natural; /* characters */
} Column;

static const Column columns[WEFTLINE_TASK_N_COLUMNS] = {
  [WEFTLINE_TASK_KEY] = { "key", N_ ("Key"), false, 10, 22 },
  [WEFTLINE_TASK_GROUP] = { "group", N_ ("Group"), false, 8, 14 },
  [WEFTLINE_TASK_STATE] = { "state", N_ ("State"), false, 8, 11 },
  [WEFTLINE_TASK_WORKER] = { "worker", N_ ("Worker"), false, 8, 9 },
  [WEFTLINE_TASK_START] = { "start", N_ ("Start"), true, 10, 11 },
  [WEFTLINE_TASK_DURATION] = { "duration", N_ ("Duration"), true, 8, 8 },
  /* Translators: a column: how long tasks were ready and not started */
  [WEFTLINE_TASK_WAIT] = { "wait", N_ ("Waited"), true, 8, 8 },
  /* Translators: a column: how large results are */
  [WEFTLINE_TASK_BYTES] = { "bytes", N_ ("Bytes"), true, 7, 7 },
  [WEFTLINE_TASK_ATTEMPTS] = { "attempts", N_ ("Attempts"), true, 3, 3 },
};

const char *
weftline_task_column_name (WeftlineTaskColumn column)
{
  return columns[column].name;
}

bool
weftline_task_column_find (const char *name, WeftlineTaskColumn *column)
{
  for (unsigned i = 0; i < WEFTLINE_TASK_N_COLUMNS; i++)
    if (g_str_equal (columns[i].name, name))
      {
        *column = (WeftlineTaskColumn) i;
        return true;
      }
  return false;
}

const char *
weftline_task_column_title (WeftlineTaskColumn column)
{
  return _ (columns[column].title);
}

bool
weftline_task_column_is_number (WeftlineTaskColumn column)
{
  return columns[column].is_number;
}

void
weftline_task_column_chars (WeftlineTaskColumn column, unsigned *least, unsigned *natural)
{
  *least = columns[column].least;
  *natural = columns[column].natural;
}

static char *
key_text (const WeftlineTaskSource *source, uint32_t task)
{
  WeftlineTaskKey key = { 0 };
  char *text;

  weftline_task_key_read (source, task, &key);
  text = g_strdup (key.text);
  weftline_task_key_clear (&key);
  return text;
}

/* To the microsecond at least: starts within a long run are to be told apart. (transfer full) */
static char *
start_text (const WeftModel *model, int64_t ns, WeftlineTimeForm form)
{
  int64_t wall_ns = weft_model_wall_ns (model);

  if (form == WEFTLINE_TIME_OF_DAY && wall_ns != 0)
    return weftline_format_moment (ns, form, wall_ns);
  if (ABS (ns) < 1000000)
    return g_strdup_printf ("%.3f" WEFTLINE_NO_BREAK_SPACE "µs", (double) ns / 1e3);
  if (ABS (ns) < 1000000000)
    return g_strdup_printf ("%.3f" WEFTLINE_NO_BREAK_SPACE "ms", (double) ns / 1e6);
  return g_strdup_printf ("%.6f" WEFTLINE_NO_BREAK_SPACE "s", (double) ns / 1e9);
}

char *
weftline_task_text (const WeftlineTaskSource *source, uint32_t task, WeftlineTaskColumn column,
                    WeftlineTimeForm form)
{
  WeftModelGroup group;
  int64_t value;

  if (column == WEFTLINE_TASK_KEY)
    return key_text (source, task);
  if (!weftline_task_value (source, task, column, &value))
    return g_strdup ("");
  switch (column)
    {
    case WEFTLINE_TASK_GROUP:
      weft_model_group (source->model, (uint32_t) value, &group);
      return g_strdup (group.name);
    case WEFTLINE_TASK_STATE:
      return g_strdup (weftline_state_word ((WeftModelState) value));
    case WEFTLINE_TASK_WORKER:
      return weftline_lane_text_of (source->model, (uint32_t) value);
    case WEFTLINE_TASK_START:
      return start_text (source->model, value, form);
    case WEFTLINE_TASK_BYTES:
      return weftline_format_bytes (weftline_whole (value), WEFTLINE_BYTES_DECIMAL);
    case WEFTLINE_TASK_ATTEMPTS:
      return weftline_format_count (weftline_whole (value));
    default:
      return weftline_format_duration (value);
    }
}

char *
weftline_task_short_text (const WeftlineTaskSource *source, uint32_t task,
                          WeftlineTaskColumn column, WeftlineTimeForm form)
{
  g_autofree char *text = weftline_task_text (source, task, column, form);

  return column == WEFTLINE_TASK_WORKER && text[0] != '\0'
             ? weftline_shared_short (&source->shared, text)
             : g_steal_pointer (&text);
}

char *
weftline_task_count_text (uint32_t n, uint32_t n_tasks)
{
  g_autofree char *shown = weftline_format_count (n);
  g_autofree char *all = weftline_format_count (n_tasks);

  /* Translators: so many of so many */
  return g_strdup_printf (ngettext ("%s of %s task", "%s of %s tasks", (gulong) n_tasks), shown,
                          all);
}
