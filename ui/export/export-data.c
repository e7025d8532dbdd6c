/* export-data.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "export/export-data.h"

#include "events/event-index.h"
#include "inspect/inspect-facts.h"
#include "table/task-values.h"
#include "table/task-words.h"

#include <string.h>

static const char *const formats[WEFTLINE_DATA_N_FORMATS] = { "csv", "txt" };

/* ---- names ----------------------------------------------------------------------------------- */

bool
weftline_data_find_view (const char *name, WeftlineDataView *view)
{
  static const char *const names[][2] = {
    [WEFTLINE_DATA_TASKS] = { "tasks", "table" },
    [WEFTLINE_DATA_EVENTS] = { "events", "events" },
    [WEFTLINE_DATA_INSPECTOR] = { "inspector", "inspector" },
  };

  for (int i = 0; i < WEFTLINE_DATA_N_VIEWS; i++)
    if (g_str_equal (names[i][0], name) || g_str_equal (names[i][1], name))
      {
        *view = (WeftlineDataView) i;
        return true;
      }
  return false;
}

bool
weftline_data_find_format (const char *name, WeftlineDataFormat *format)
{
  for (int i = 0; i < WEFTLINE_DATA_N_FORMATS; i++)
    if (g_ascii_strcasecmp (formats[i], name) == 0)
      {
        *format = (WeftlineDataFormat) i;
        return true;
      }
  return false;
}

bool
weftline_data_has_format (WeftlineDataView view, WeftlineDataFormat format)
{
  return format == WEFTLINE_DATA_CSV || view != WEFTLINE_DATA_TASKS;
}

/* ---- CSV ------------------------------------------------------------------------------------- */

/* In quotes where it has to be. */
static void
append_field (GString *text, const char *field)
{
  if (strpbrk (field, ",\"\r\n") == NULL)
    {
      g_string_append (text, field);
      return;
    }
  g_string_append_c (text, '"');
  for (; *field != '\0'; field++)
    {
      if (*field == '"')
        g_string_append_c (text, '"');
      g_string_append_c (text, *field);
    }
  g_string_append_c (text, '"');
}

static void
append_number (GString *text, int64_t number)
{
  g_string_append_printf (text, "%" G_GINT64_FORMAT, number);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static const struct
{
  const char *name;
  WeftlineTaskColumn column;
} columns[] = {
  { "group", WEFTLINE_TASK_GROUP },          { "state", WEFTLINE_TASK_STATE },
  { "worker", WEFTLINE_TASK_WORKER },        { "start_ns", WEFTLINE_TASK_START },
  { "duration_ns", WEFTLINE_TASK_DURATION }, { "wait_ns", WEFTLINE_TASK_WAIT },
  { "bytes", WEFTLINE_TASK_BYTES },          { "attempts", WEFTLINE_TASK_ATTEMPTS },
};

static void
append_value (GString *text, const WeftlineTaskSource *source, WeftlineTaskColumn column,
              int64_t value)
{
  static const char *const states[WEFT_TASK_N_STATES] = {
    "waiting", "queued", "running", "memory", "released", "erred", "cancelled",
  };
  WeftModelGroup group;
  WeftModelLane lane;

  if (column == WEFTLINE_TASK_GROUP)
    {
      weft_model_group (source->model, (uint32_t) value, &group);
      append_field (text, group.name);
    }
  else if (column == WEFTLINE_TASK_STATE)
    g_string_append (text, states[value]);
  else if (column == WEFTLINE_TASK_WORKER)
    {
      weft_model_lane (source->model, (uint32_t) value, &lane);
      append_number (text, lane.worker);
    }
  else
    append_number (text, value);
}

static void
append_task (GString *text, const WeftlineTaskSource *source, uint32_t task, WeftlineTaskKey *key)
{
  weftline_task_key_read (source, task, key);
  append_field (text, key->text);
  for (unsigned i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      int64_t value;

      g_string_append_c (text, ',');
      if (weftline_task_value (source, task, columns[i].column, &value))
        append_value (text, source, columns[i].column, value);
    }
  g_string_append_c (text, '\n');
}

static void
append_tasks (GString *text, const WeftlineData *data, WeftModel *model,
              const WeftModelSnapshot *snapshot)
{
  g_autoptr (WeftlineLinks) links = weftline_links_new (model, snapshot);
  WeftlineTaskKey key = { 0 };
  WeftlineTaskSource source;
  uint32_t n;

  weftline_task_source_init (&source);
  weftline_task_source_take (&source, model, snapshot, data->moment, links);
  n = data->rows != NULL ? data->n_rows : source.snapshot.n_tasks;
  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t task = data->rows != NULL ? data->rows[i] : i;

      if (task < source.snapshot.n_tasks)
        append_task (text, &source, task, &key);
    }
  weftline_task_key_clear (&key);
  weftline_task_source_clear (&source);
}

static void
append_task_names (GString *text)
{
  g_string_append (text, "key");
  for (unsigned i = 0; i < G_N_ELEMENTS (columns); i++)
    g_string_append_printf (text, ",%s", columns[i].name);
  g_string_append_c (text, '\n');
}

/* ---- events ---------------------------------------------------------------------------------- */

static void
append_event (GString *text, const WeftlineData *data, WeftModel *model, const WeftlineEvent *event)
{
  static const char *const kinds[WEFTLINE_EVENT_N_KINDS] = {
    "run",    "error", "retry", "break",      "setting", "pause",
    "memory", "steal", "note",  "annotation", "log",
  };
  g_autofree char *words = weftline_event_dup_text (model, event);
  uint32_t task = weftline_event_task (model, event);
  g_autofree char *key = task != WEFT_NONE ? weft_model_task_dup_key (model, task) : g_strdup ("");
  g_autofree char *at = NULL;

  if (data->format == WEFTLINE_DATA_TEXT)
    {
      at = weftline_format_stamp (event->at_ns, data->time_form, weft_model_wall_ns (model));
      g_string_append_printf (text, "%s  %s\n", at, words);
      return;
    }
  append_number (text, event->at_ns);
  g_string_append_printf (text, ",%s,", kinds[event->kind]);
  append_field (text, key);
  g_string_append_c (text, ',');
  append_field (text, words);
  g_string_append_c (text, '\n');
}

static void
append_events (GString *text, const WeftlineData *data, WeftModel *model,
               const WeftModelSnapshot *snapshot)
{
  int64_t until_ns = data->moment != NULL ? data->moment->at_ns : INT64_MAX;
  WeftlineEventIndex *index = weftline_event_index_new (model);
  uint32_t n;

  while (weftline_event_index_update (index, snapshot->n_lanes, UINT64_MAX))
    ;
  n = weftline_event_index_n_shown_until (index, until_ns);
  for (uint32_t i = 0; i < n; i++)
    append_event (text, data, model, weftline_event_index_get (index, i));
  weftline_event_index_free (index);
}

/* ---- one task -------------------------------------------------------------------------------- */

static void
append_fact (GString *text, const WeftlineData *data, const char *part, const WeftlineFact *fact)
{
  if (data->format == WEFTLINE_DATA_TEXT)
    {
      if (fact->kind == WEFTLINE_FACT_HEADING)
        g_string_append_printf (text, "\n%s\n", fact->title);
      else
        g_string_append_printf (text, "%s%s%s\n", fact->title, *fact->title != '\0' ? ": " : "",
                                fact->text != NULL ? fact->text : "");
      return;
    }
  if (fact->kind == WEFTLINE_FACT_HEADING)
    return;
  append_field (text, part);
  g_string_append_c (text, ',');
  append_field (text, fact->title);
  g_string_append_c (text, ',');
  append_field (text, fact->text != NULL ? fact->text : "");
  g_string_append_c (text, '\n');
}

static void
append_facts (GString *text, const WeftlineData *data, WeftModel *model,
              const WeftModelSnapshot *snapshot)
{
  g_autoptr (GPtrArray) facts = NULL;
  const char *part = "";

  if (data->task >= snapshot->n_tasks)
    return;
  facts = weftline_inspect_facts (model, snapshot, data->moment, data->time_form, data->task);
  for (guint i = 0; i < facts->len; i++)
    {
      const WeftlineFact *fact = facts->pdata[i];

      if (fact->kind == WEFTLINE_FACT_HEADING)
        part = fact->title;
      append_fact (text, data, part, fact);
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

GString *
weftline_data_text (const WeftlineData *data, WeftModel *model, const WeftModelSnapshot *snapshot)
{
  GString *text = g_string_new (NULL);
  bool is_csv = data->format == WEFTLINE_DATA_CSV;

  switch (data->view)
    {
    case WEFTLINE_DATA_EVENTS:
      if (is_csv)
        g_string_append (text, "at_ns,kind,task,event\n");
      append_events (text, data, model, snapshot);
      return text;
    case WEFTLINE_DATA_INSPECTOR:
      if (is_csv)
        g_string_append (text, "part,name,value\n");
      append_facts (text, data, model, snapshot);
      return text;
    case WEFTLINE_DATA_TASKS:
    default:
      append_task_names (text);
      append_tasks (text, data, model, snapshot);
      return text;
    }
}

bool
weftline_data_file (const WeftlineData *data, WeftModel *model, const WeftModelSnapshot *snapshot,
                    const char *path, GError **error)
{
  GString *text = weftline_data_text (data, model, snapshot);
  bool good = g_file_set_contents (path, text->str, (gssize) text->len, error);

  g_string_free (text, TRUE);
  return good;
}
