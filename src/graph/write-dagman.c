/* write-dagman.c: writes input files of HTCondor's DAGMan
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A JOB for each task, in the order of their ids, then a PARENT … CHILD line for each task with
 * dependencies. The submit file is the one the reader kept in the metadata, else the node's name
 * with “.sub”: to be written by whoever runs the workflow. What the reader kept otherwise (DIR,
 * VARS, NOOP, DONE, MAXJOBS) is written again.
 *
 * Names cannot hold blanks or quotes; in keys that do they become “_”.
 */
#include "config.h"

#include "graph/weft-json-private.h"
#include "graph/weft-write-util-private.h"

#include <string.h>

#define SAID_IN_DAGMAN (WEFT_SAID_RETRIES | WEFT_SAID_PRIORITIES)
/* What the reader keeps of other lines. */
#define SAID_IN_PART                                                                      \
  (WEFT_SAID_METADATA | WEFT_SAID_TASK_METADATA | WEFT_SAID_ATTRIBUTES | WEFT_SAID_GROUPS \
   | WEFT_SAID_RUNTIMES)

typedef struct
{
  const WeftGraph *graph;
  const WeftGraphArrays *a;
  WeftSink *sink;
  WeftIntern names;
} Writer;

static bool
is_allowed (char c)
{
  return (uint8_t) c > ' ' && c != 0x7f && strchr ("\"\\#", c) == NULL;
}

static void
write_name (Writer *w, const char *before, uint32_t task)
{
  size_t n;
  const char *name = _weft_intern_get (&w->names, task, &n);

  _weft_sink_text (w->sink, before);
  _weft_sink_chars (w->sink, name, n);
}

/* ---- what the reader kept -------------------------------------------------------------------- */

static bool
is_true (const char *metadata, const char *name)
{
  const char *text;
  size_t n;

  return _weft_write_find_member (metadata, name, &text, &n) && n == 4;
}

/* Words that begin a submit description are not for us to write. */
static bool
is_word (const char *text)
{
  if (text == NULL || *text == 0 || strchr ("{@", *text) != NULL)
    return false;
  for (; *text != 0; text++)
    if ((uint8_t) *text <= ' ' || strchr ("\"\\=", *text) != NULL)
      return false;
  return true;
}

/* A word of the line, if it can be one. Returns: whether it was written */
static bool
write_word (Writer *w, const char *before, const char *word)
{
  if (!is_word (word))
    return false;
  _weft_sink_text (w->sink, before);
  _weft_sink_text (w->sink, word);
  return true;
}

static void
write_value (Writer *w, const char *chars, size_t n)
{
  _weft_sink_text (w->sink, "=\"");
  for (size_t i = 0; i < n; i++)
    {
      char c = chars[i] == '\n' ? ' ' : chars[i];

      if (c == '"' || c == '\\')
        _weft_sink_text (w->sink, "\\");
      _weft_sink_chars (w->sink, &c, 1);
    }
  _weft_sink_text (w->sink, "\"");
}

static void
write_vars (Writer *w, uint32_t task, const char *metadata)
{
  const char *text;
  size_t n;
  WeftJson json;

  if (!_weft_write_find_member (metadata, "vars", &text, &n) || *text != '{')
    return;
  _weft_json_init (&json, text, n, NULL);
  _weft_json_next (&json);
  while (_weft_json_next_name (&json))
    {
      g_autofree char *name = g_strndup (json.chars, json.n_chars);

      if (_weft_json_next (&json) != WEFT_JSON_STRING)
        break;
      if (!is_word (name))
        continue;
      write_name (w, "VARS ", task);
      _weft_sink_printf (w->sink, " %s", name);
      write_value (w, json.chars, json.n_chars);
      _weft_sink_text (w->sink, "\n");
    }
  _weft_json_clear (&json);
}

/* Limits of categories: the graph's metadata, as the reader writes it. */
static void
write_limits (Writer *w)
{
  const char *text;
  size_t n;
  WeftJson json;

  if (!_weft_write_find_member (weft_graph_metadata (w->graph), "resources", &text, &n)
      || *text != '{')
    return;
  _weft_json_init (&json, text, n, NULL);
  _weft_json_next (&json);
  while (_weft_json_next_name (&json))
    {
      g_autofree char *name = g_strndup (json.chars, json.n_chars);

      if (_weft_json_next (&json) != WEFT_JSON_INT64)
        break;
      if (write_word (w, "MAXJOBS ", name))
        _weft_sink_printf (w->sink, " %" G_GINT64_FORMAT "\n", json.i);
    }
  _weft_json_clear (&json);
}

/* ---- jobs and edges -------------------------------------------------------------------------- */

static const WeftTaskAttributes *
attributes_of (const Writer *w, uint32_t task)
{
  static const WeftTaskAttributes none = { .label = WEFT_NONE };

  if (w->a->attributes_of_task == NULL || w->a->attributes_of_task[task] == WEFT_NONE)
    return &none;
  return &w->a->attributes[w->a->attributes_of_task[task]];
}

/* The submit file nobody named. A name that would begin a submit description gets its folder. */
static void
write_default_submit (Writer *w, uint32_t task)
{
  size_t n;
  const char *name = _weft_intern_get (&w->names, task, &n);

  write_name (w, n > 0 && strchr ("{@", *name) != NULL ? " ./" : " ", task);
  _weft_sink_text (w->sink, ".sub");
}

static void
write_job (Writer *w, uint32_t task)
{
  const char *metadata = attributes_of (w, task)->metadata;
  g_autofree char *submit = _weft_write_find_string (metadata, "submit");
  g_autofree char *dir = _weft_write_find_string (metadata, "dir");

  write_name (w, "JOB ", task);
  if (!write_word (w, " ", submit))
    write_default_submit (w, task);
  write_word (w, " DIR ", dir);
  _weft_sink_text (w->sink, is_true (metadata, "noop") ? " NOOP" : "");
  _weft_sink_text (w->sink, is_true (metadata, "done") ? " DONE" : "");
  _weft_sink_text (w->sink, "\n");
}

static void
write_attributes (Writer *w, uint32_t task)
{
  const WeftTaskAttributes *attributes = attributes_of (w, task);

  write_vars (w, task, attributes->metadata);
  if (attributes->retries > 0)
    {
      write_name (w, "RETRY ", task);
      _weft_sink_printf (w->sink, " %u\n", MIN (attributes->retries, INT32_MAX));
    }
  if (attributes->priority != 0)
    {
      write_name (w, "PRIORITY ", task);
      _weft_sink_printf (w->sink, " %d\n", attributes->priority);
    }
  if (attributes->n_resources > 0)
    {
      write_name (w, "CATEGORY ", task);
      if (!write_word (w, " ", weft_graph_string (w->graph, attributes->resources[0].name)))
        _weft_sink_text (w->sink, " _");
      _weft_sink_text (w->sink, "\n");
    }
}

static void
write_edges (Writer *w, uint32_t task)
{
  const WeftGraphArrays *a = w->a;
  uint32_t n = 0;

  for (uint32_t e = a->input_offsets[task]; e < a->input_offsets[task + 1]; e++)
    if (a->input_tasks[e] < a->n_tasks)
      write_name (w, n++ == 0 ? "PARENT " : " ", a->input_tasks[e]);
  for (uint32_t e = a->after_offsets != NULL ? a->after_offsets[task] : 0;
       a->after_offsets != NULL && e < a->after_offsets[task + 1]; e++)
    write_name (w, n++ == 0 ? "PARENT " : " ", a->after_tasks[e]);
  if (n == 0)
    return;
  write_name (w, " CHILD ", task);
  _weft_sink_text (w->sink, "\n");
}

/* ---- what is not written --------------------------------------------------------------------- */

/* Whether write_vars() writes all of it. */
static bool
are_vars (WeftJson *json)
{
  if (_weft_json_next (json) != WEFT_JSON_BEGIN_OBJECT)
    return false;
  while (_weft_json_next_name (json))
    {
      g_autofree char *name = g_strndup (json->chars, json->n_chars);

      if (_weft_json_next (json) != WEFT_JSON_STRING || !is_word (name)
          || memchr (json->chars, '\n', json->n_chars) != NULL)
        return false;
    }
  return json->error == NULL;
}

/* Whether the value that comes next is a word that stands on the node's line. */
static bool
is_line_word (WeftJson *json)
{
  g_autofree char *text = NULL;

  if (_weft_json_next (json) != WEFT_JSON_STRING)
    return false;
  text = g_strndup (json->chars, json->n_chars);
  return is_word (text);
}

/* Whether the member just named is written with its task. */
static bool
is_kept_of_task (WeftJson *json)
{
  if (_weft_json_is (json, "submit") || _weft_json_is (json, "dir"))
    return is_line_word (json);
  if (_weft_json_is (json, "noop") || _weft_json_is (json, "done"))
    return _weft_json_next (json) == WEFT_JSON_TRUE;
  return _weft_json_is (json, "vars") && are_vars (json);
}

/* Whether the member just named is written as MAXJOBS lines. */
static bool
is_kept_of_graph (WeftJson *json)
{
  if (!_weft_json_is (json, "resources") || _weft_json_next (json) != WEFT_JSON_BEGIN_OBJECT)
    return false;
  while (_weft_json_next_name (json))
    {
      g_autofree char *name = g_strndup (json->chars, json->n_chars);

      if (_weft_json_next (json) != WEFT_JSON_INT64 || !is_word (name))
        return false;
    }
  return json->error == NULL;
}

/* @metadata: (nullable) */
static bool
loses_metadata (const char *metadata, bool (*is_kept) (WeftJson *json))
{
  WeftJson json;
  bool lost = false;

  if (metadata == NULL)
    return false;
  _weft_json_init (&json, metadata, strlen (metadata), NULL);
  _weft_json_next (&json);
  while (!lost && _weft_json_next_name (&json))
    lost = !is_kept (&json);
  _weft_json_clear (&json);
  return lost;
}

/* A category is one unit of one resource. */
static bool
loses_attributes (const Writer *w, const WeftTaskAttributes *attributes)
{
  if (attributes->timeout_ns != 0 || attributes->retry_delay_ns != 0)
    return true;
  return attributes->n_resources > 1
         || (attributes->n_resources == 1
             && (attributes->resources[0].amount != 1
                 || !is_word (weft_graph_string (w->graph, attributes->resources[0].name))));
}

/* The reader groups nodes by their category. */
static bool
loses_group (const Writer *w, uint32_t task)
{
  const WeftTaskAttributes *attributes = attributes_of (w, task);
  const char *group = weft_graph_group_name (w->graph, w->a->group_of_task[task]);

  return _weft_write_has_own_group (w->graph, task)
         && (attributes->n_resources == 0
             || strcmp (weft_graph_string (w->graph, attributes->resources[0].name), group) != 0);
}

/* Nodes that do nothing take no time. */
static bool
loses_runtime (const Writer *w, uint32_t task)
{
  const char *metadata = attributes_of (w, task)->metadata;
  int64_t runtime_ns = w->a->hints.runtime_ns != NULL ? w->a->hints.runtime_ns[task] : -1;

  return runtime_ns > 0
         || (runtime_ns == 0 && !is_true (metadata, "noop") && !is_true (metadata, "done"));
}

/* What _weft_write_said() says of every graph that has it, though here it may be written. */
static uint32_t
lost_after_all (const Writer *w)
{
  uint32_t lost =
      loses_metadata (weft_graph_metadata (w->graph), is_kept_of_graph) ? WEFT_SAID_METADATA : 0;

  for (uint32_t t = 0; t < w->a->n_tasks; t++)
    {
      const WeftTaskAttributes *attributes = attributes_of (w, t);

      lost |= loses_metadata (attributes->metadata, is_kept_of_task) ? WEFT_SAID_TASK_METADATA : 0;
      lost |= loses_attributes (w, attributes) ? WEFT_SAID_ATTRIBUTES : 0;
      lost |= loses_runtime (w, t) ? WEFT_SAID_RUNTIMES : 0;
      lost |= loses_group (w, t) ? WEFT_SAID_GROUPS : 0;
    }
  return lost;
}

bool
_weft_graph_write_dagman (const WeftGraph *graph, WeftSink *sink, char **lost, GError **error)
{
  static const char *const reserved[] = { "PARENT", "CHILD", "ALL_NODES", NULL };
  Writer w = { .graph = graph, .a = weft_graph_arrays (graph), .sink = sink };
  uint32_t said = _weft_write_said (graph) & ~(uint32_t) (SAID_IN_DAGMAN | SAID_IN_PART);

  said |= lost_after_all (&w);
  if (_weft_write_names (graph, &w.names, is_allowed, reserved))
    said |= WEFT_SAID_KEYS;
  for (uint32_t t = 0; t < w.a->n_tasks; t++)
    write_job (&w, t);
  for (uint32_t t = 0; t < w.a->n_tasks; t++)
    write_attributes (&w, t);
  write_limits (&w);
  for (uint32_t t = 0; t < w.a->n_tasks; t++)
    write_edges (&w, t);
  *lost = _weft_write_lost (said);
  _weft_intern_clear (&w.names);
  return true;
}
