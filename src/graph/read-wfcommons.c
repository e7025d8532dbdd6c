/* read-wfcommons.c: reads WfCommons workflow instances (WfFormat 1.5, and the layout of 1.4)
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Source: the WfFormat JSON Schema, version 1.5.
 *
 *   {"name": …, "schemaVersion": "1.5",
 *    "workflow": {"specification": {"tasks": [{"name", "id", "parents": [id], "children": [id],
 *                                              "inputFiles": [id], "outputFiles": [id]}],
 *                                   "files": [{"id", "sizeInBytes"}]},
 *                 "execution": {"makespanInSeconds", "executedAt",
 *                               "tasks": [{"id", "runtimeInSeconds", "command": {"program"},
 *                                          "machines": [name]}],
 *                               "machines": [{"nodeName", …}]}}}
 *
 * In 1.4 all of a task stands in workflow.tasks: its lists, "files": [{"link": "input" | "output",
 * "name", "sizeInBytes"}], "runtimeInSeconds", "machine"; tasks are referred to by their names.
 *
 * Members the reader has no use for are skipped (and checked to be JSON); those that describe the
 * workflow as a whole become metadata of the graph.
 */
#include "config.h"

#include "base/weft-grow-private.h"
#include "graph/weft-json-private.h"
#include "graph/weft-wfcommons-private.h"

#include <math.h>
#include <string.h>

/* 292 years, as far as nanoseconds in int64 go. */
#define MAX_RUNTIME_S 9.2e9

typedef struct
{
  WeftJson json;
  WeftGraphBuilder *builder;
  WeftWfWorkflow workflow;
  GString *metadata; /* members, without the brackets */
  bool old_layout;
  WeftLocation tasks_begin;
  GArray *files;   /* File, by file */
  WeftWfTask task; /* the one being read */
  bool has_id;
} Reader;

/* What is known of a file besides its size. */
typedef struct
{
  WeftCallLocation place; /* where it is named first */
  bool is_described;
} File;

typedef bool (*ItemFunc) (Reader *r);

/* ---- small steps ----------------------------------------------------------------------------- */

static bool
read_items (Reader *r, ItemFunc item)
{
  while (_weft_json_next_item (&r->json))
    if (!item (r))
      return false;
  return r->json.error == NULL;
}

static bool
read_array (Reader *r, const char *what, ItemFunc item)
{
  return _weft_json_expect (&r->json, WEFT_JSON_BEGIN_ARRAY, what) && read_items (r, item);
}

/* The token read last must begin an object. */
static bool
expect_object (Reader *r, const char *what)
{
  return r->json.token == WEFT_JSON_BEGIN_OBJECT || _weft_json_unexpected (&r->json, what);
}

/* The token read last must be a string that is not empty. */
static bool
expect_name (Reader *r, const char *what)
{
  if (r->json.token == WEFT_JSON_STRING && r->json.n_chars > 0)
    return true;
  return _weft_json_unexpected (&r->json, what);
}

static bool
next_name (Reader *r, const char *what)
{
  _weft_json_next (&r->json);
  return expect_name (r, what);
}

static uint32_t
intern_token (Reader *r, WeftIntern *intern)
{
  return _weft_intern_add (intern, r->json.chars, r->json.n_chars);
}

static WeftCallLocation
place_of_token (const Reader *r)
{
  return (WeftCallLocation){ r->json.where.line, r->json.where.column };
}

static bool
fail_required (Reader *r, const WeftLocation *where, const char *owner, const char *member)
{
  return _weft_json_fail_at (&r->json, WEFT_GRAPH_ERROR_FORMAT, where,
                             "found %s without “%s”, expected one", owner, member);
}

/* Keeps a member of the file as it stands, for the graph's metadata. */
static bool
keep_member (Reader *r, const char *name)
{
  const char *text;
  size_t n_chars;

  if (!_weft_json_raw (&r->json, &text, &n_chars))
    return false;
  g_string_append_printf (r->metadata, "%s\"%s\": ", r->metadata->len > 0 ? ", " : "", name);
  g_string_append_len (r->metadata, text, (gssize) n_chars);
  return true;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static uint32_t
intern_key (Reader *r)
{
  WeftWfWorkflow *w = &r->workflow;
  uint32_t key = intern_token (r, &w->keys);

  if (key == w->n_keys)
    {
      _weft_grow_array (w->task_of_key, w->task_of_key_room, (size_t) key + 1);
      w->task_of_key[w->n_keys++] = WEFT_NONE;
    }
  return key;
}

static bool
fail_duplicate (Reader *r, const WeftLocation *where, uint32_t first)
{
  WeftCallLocation place = r->workflow.tasks[first].place;
  size_t n;
  const char *key = _weft_intern_get (&r->workflow.keys, r->workflow.tasks[first].key, &n);
  g_autofree char *quoted = _weft_quote (key, n);

  return _weft_json_fail_at (&r->json, WEFT_GRAPH_ERROR_DUPLICATE, where,
                             "found the key %s a second time, expected each once; it was first "
                             "defined on line %u, column %u",
                             quoted, place.line, place.column);
}

/* ---- files ----------------------------------------------------------------------------------- */

static uint32_t
intern_file (Reader *r)
{
  WeftWfWorkflow *w = &r->workflow;
  uint32_t file = intern_token (r, &w->files);
  File seen = { .place = place_of_token (r) };

  if (file == w->n_file_bytes)
    {
      _weft_grow_array (w->file_bytes, w->file_bytes_room, w->n_file_bytes + 1);
      w->file_bytes[w->n_file_bytes++] = UINT64_MAX;
      g_array_append_val (r->files, seen);
    }
  return file;
}

static void
add_input_file (Reader *r, uint32_t file)
{
  WeftWfWorkflow *w = &r->workflow;

  _weft_grow_array (w->input_files, w->input_files_room, w->n_input_files + 1);
  w->input_files[w->n_input_files++] = file;
  r->task.n_inputs++;
}

static void
add_output_file (Reader *r, uint32_t file)
{
  WeftWfWorkflow *w = &r->workflow;

  _weft_grow_array (w->output_files, w->output_files_room, w->n_output_files + 1);
  w->output_files[w->n_output_files++] = file;
  r->task.n_outputs++;
}

static bool
input_file (Reader *r)
{
  if (!expect_name (r, "the id of an input file"))
    return false;
  add_input_file (r, intern_file (r));
  return true;
}

static bool
output_file (Reader *r)
{
  if (!expect_name (r, "the id of an output file"))
    return false;
  add_output_file (r, intern_file (r));
  return true;
}

/* A description of a file: in the list of all of them (1.5) or in a task (1.4), where it also has a
 * direction. */
static bool
file_description (Reader *r)
{
  static const char *const names[] = { "id", "name", "sizeInBytes", "link", NULL };
  WeftLocation where = r->json.where;
  uint64_t seen = 0;
  uint32_t file = WEFT_NONE;
  int64_t bytes = -1;
  char link = 0;

  if (!expect_object (r, "an object that describes a file"))
    return false;
  while (_weft_json_next_name (&r->json))
    switch (_weft_json_member (&r->json, names, &seen))
      {
      case 0:
        if (!next_name (r, "the id of a file"))
          return false;
        file = intern_file (r);
        break;
      case 1:
        if (!next_name (r, "the name of a file"))
          return false;
        file = file == WEFT_NONE ? intern_file (r) : file;
        break;
      case 2:
        if (!_weft_json_expect_int64 (&r->json, 0, INT64_MAX, "a size in bytes", &bytes))
          return false;
        break;
      case 3:
        if (!next_name (r, "“input” or “output”"))
          return false;
        link = r->json.chars[0];
        break;
      default:
        if (!_weft_json_skip (&r->json))
          return false;
      }
  if (r->json.error != NULL)
    return false;
  if (file == WEFT_NONE)
    return fail_required (r, &where, "a file", "id");
  g_array_index (r->files, File, file).is_described = true;
  if (bytes >= 0)
    r->workflow.file_bytes[file] = (uint64_t) bytes;
  if (r->old_layout && link == 'i')
    add_input_file (r, file);
  else if (r->old_layout && link == 'o')
    add_output_file (r, file);
  return true;
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static bool
relation (Reader *r, bool is_child, const char *what)
{
  WeftWfWorkflow *w = &r->workflow;
  WeftWfRelation relation = { .task = w->n_tasks, .is_child = is_child };

  if (!expect_name (r, what))
    return false;
  relation.place = place_of_token (r);
  relation.key = intern_key (r);
  _weft_grow_array (w->relations, w->relations_room, w->n_relations + 1);
  w->relations[w->n_relations++] = relation;
  return true;
}

static bool
parent (Reader *r)
{
  return relation (r, false, "the id of a parent task");
}

static bool
child (Reader *r)
{
  return relation (r, true, "the id of a child task");
}

static bool
read_runtime (Reader *r, WeftWfTask *task)
{
  double seconds;

  if (!_weft_json_expect_number (&r->json, 0, MAX_RUNTIME_S, "a runtime in seconds", &seconds))
    return false;
  task->runtime_ns = llround (seconds * 1e9);
  return true;
}

/* The first of the machines a task ran on. */
static void
keep_machine (Reader *r, WeftWfTask *task)
{
  if (task->machine == WEFT_NONE)
    task->machine = _weft_graph_builder_string_n (r->builder, r->json.chars, r->json.n_chars);
}

static bool
read_machines (Reader *r, WeftWfTask *task)
{
  if (!_weft_json_expect (&r->json, WEFT_JSON_BEGIN_ARRAY, "an array of machine names"))
    return false;
  while (_weft_json_next_item (&r->json))
    {
      if (!expect_name (r, "the name of a machine"))
        return false;
      keep_machine (r, task);
    }
  return r->json.error == NULL;
}

static bool
read_machine (Reader *r, WeftWfTask *task)
{
  if (!next_name (r, "the name of a machine"))
    return false;
  keep_machine (r, task);
  return true;
}

/* {"program": …, "arguments": […]} */
static bool
read_command (Reader *r, WeftWfTask *task)
{
  static const char *const names[] = { "program", NULL };
  uint64_t seen = 0;

  if (!_weft_json_expect (&r->json, WEFT_JSON_BEGIN_OBJECT, "an object that describes a command"))
    return false;
  while (_weft_json_next_name (&r->json))
    {
      if (_weft_json_member (&r->json, names, &seen) != 0)
        {
          if (!_weft_json_skip (&r->json))
            return false;
          continue;
        }
      if (!_weft_json_expect (&r->json, WEFT_JSON_STRING, "the name of a program"))
        return false;
      task->program = intern_token (r, &r->workflow.names);
    }
  return r->json.error == NULL;
}

enum
{
  TASK_NAME,
  TASK_ID,
  TASK_PARENTS,
  TASK_CHILDREN,
  TASK_INPUTS,
  TASK_OUTPUTS,
  TASK_FILES,
  TASK_RUNTIME,
  TASK_MACHINES,
  TASK_MACHINE,
  TASK_COMMAND,
};

static const char *const task_members[] = {
  "name",       "id",          "parents", "children",
  "inputFiles", "outputFiles", "files",   "runtimeInSeconds",
  "machines",   "machine",     "command", NULL
};

/* Where a task is referred to: by its id, in the old layout by its name. */
static void
keep_key (Reader *r, bool is_id)
{
  if (is_id != !r->old_layout)
    return;
  r->task.key = intern_key (r);
  r->task.place = place_of_token (r);
  r->has_id = true;
}

static bool
specified_member (Reader *r, int member)
{
  switch (member)
    {
    case TASK_NAME:
      if (!next_name (r, "the name of a task"))
        return false;
      r->task.name = intern_token (r, &r->workflow.names);
      keep_key (r, false);
      return true;
    case TASK_ID:
      if (!next_name (r, "the id of a task"))
        return false;
      keep_key (r, true);
      return true;
    case TASK_PARENTS:
      return read_array (r, "an array of parent tasks", parent);
    case TASK_CHILDREN:
      return read_array (r, "an array of child tasks", child);
    case TASK_INPUTS:
      return read_array (r, "an array of input files", input_file);
    case TASK_OUTPUTS:
      r->task.has_outputs = true;
      return read_array (r, "an array of output files", output_file);
    default:
      return _weft_json_skip (&r->json);
    }
}

static bool
old_member (Reader *r, int member)
{
  switch (member)
    {
    case TASK_FILES:
      r->task.has_outputs = true;
      return read_array (r, "an array of files", file_description);
    case TASK_RUNTIME:
      return read_runtime (r, &r->task);
    case TASK_MACHINES:
      return read_machines (r, &r->task);
    case TASK_MACHINE:
      return read_machine (r, &r->task);
    case TASK_COMMAND:
      return read_command (r, &r->task);
    default:
      return specified_member (r, member);
    }
}

static bool
finish_task (Reader *r, const WeftLocation *where)
{
  WeftWfWorkflow *w = &r->workflow;

  if (!r->has_id)
    return fail_required (r, where, "a task", r->old_layout ? "name" : "id");
  if (w->task_of_key[r->task.key] != WEFT_NONE)
    {
      WeftLocation place = *where;

      place.line = r->task.place.line;
      place.column = r->task.place.column;
      return fail_duplicate (r, &place, w->task_of_key[r->task.key]);
    }
  w->task_of_key[r->task.key] = w->n_tasks;
  _weft_grow_array (w->tasks, w->tasks_room, (size_t) w->n_tasks + 1);
  w->tasks[w->n_tasks++] = r->task;
  return true;
}

static bool
task (Reader *r)
{
  WeftWfWorkflow *w = &r->workflow;
  WeftLocation where = r->json.where;
  uint64_t seen = 0;

  r->has_id = false;
  r->task = (WeftWfTask){ .name = WEFT_NONE,
                          .program = WEFT_NONE,
                          .machine = WEFT_NONE,
                          .runtime_ns = -1,
                          .inputs = (uint32_t) w->n_input_files,
                          .outputs = (uint32_t) w->n_output_files };
  if (!expect_object (r, "an object that describes a task"))
    return false;
  while (_weft_json_next_name (&r->json))
    {
      int member = _weft_json_member (&r->json, task_members, &seen);

      if (!(r->old_layout ? old_member (r, member) : specified_member (r, member)))
        return false;
    }
  return r->json.error == NULL && finish_task (r, &where);
}

/* ---- execution ------------------------------------------------------------------------------- */

static bool
executed_member (Reader *r, int member, WeftWfTask *measured)
{
  switch (member)
    {
    case TASK_ID:
      if (!next_name (r, "the id of a task"))
        return false;
      measured->place = place_of_token (r);
      measured->key = intern_key (r);
      return true;
    case TASK_RUNTIME:
      return read_runtime (r, measured);
    case TASK_MACHINES:
      return read_machines (r, measured);
    case TASK_COMMAND:
      return read_command (r, measured);
    default:
      return _weft_json_skip (&r->json);
    }
}

/* What was measured of a task. It may stand before the task itself, so it is kept apart. */
static bool
executed_task (Reader *r)
{
  WeftWfWorkflow *w = &r->workflow;
  WeftWfTask measured = {
    .key = WEFT_NONE, .program = WEFT_NONE, .machine = WEFT_NONE, .runtime_ns = -1
  };
  WeftLocation where = r->json.where;
  uint64_t seen = 0;

  if (!expect_object (r, "an object that describes an executed task"))
    return false;
  while (_weft_json_next_name (&r->json))
    if (!executed_member (r, _weft_json_member (&r->json, task_members, &seen), &measured))
      return false;
  if (r->json.error != NULL)
    return false;
  if (measured.key == WEFT_NONE)
    return fail_required (r, &where, "an executed task", "id");
  _weft_grow_array (w->executions, w->executions_room, w->n_executions + 1);
  w->executions[w->n_executions++] = measured;
  return true;
}

static bool
read_execution (Reader *r)
{
  static const char *const names[] = { "tasks", "makespanInSeconds", "executedAt", "machines",
                                       NULL };
  uint64_t seen = 0;

  if (!_weft_json_expect (&r->json, WEFT_JSON_BEGIN_OBJECT, "an object with what was measured"))
    return false;
  while (_weft_json_next_name (&r->json))
    {
      int member = _weft_json_member (&r->json, names, &seen);
      bool ok = member == 0  ? read_array (r, "an array of executed tasks", executed_task)
                : member > 0 ? keep_member (r, names[member])
                             : _weft_json_skip (&r->json);

      if (!ok)
        return false;
    }
  return r->json.error == NULL;
}

/* ---- the document ---------------------------------------------------------------------------- */

/* Where they stand is said of a graph without tasks. */
static bool
read_tasks (Reader *r)
{
  if (!_weft_json_expect (&r->json, WEFT_JSON_BEGIN_ARRAY, "an array of tasks"))
    return false;
  r->tasks_begin = r->json.where;
  return read_items (r, task);
}

static bool
read_specification (Reader *r)
{
  static const char *const names[] = { "tasks", "files", NULL };
  WeftLocation where;
  uint64_t seen = 0;

  if (!_weft_json_expect (&r->json, WEFT_JSON_BEGIN_OBJECT, "an object with tasks and files"))
    return false;
  where = r->json.where;
  while (_weft_json_next_name (&r->json))
    {
      int member = _weft_json_member (&r->json, names, &seen);
      bool ok = member == 0   ? read_tasks (r)
                : member == 1 ? read_array (r, "an array of files", file_description)
                              : _weft_json_skip (&r->json);

      if (!ok)
        return false;
    }
  if (r->json.error == NULL && (seen & 1) == 0)
    return fail_required (r, &where, "a specification", "tasks");
  return r->json.error == NULL;
}

static bool
workflow_member (Reader *r, const char *const *names, int member)
{
  switch (member)
    {
    case 0:
      return read_specification (r);
    case 1:
      return read_execution (r);
    case 2:
      r->old_layout = true;
      return read_tasks (r);
    case 3:
    case 4:
    case 5:
      return keep_member (r, names[member]);
    default:
      return _weft_json_skip (&r->json);
    }
}

static bool
read_workflow (Reader *r)
{
  static const char *const names[] = { "specification", "execution", "tasks", "makespanInSeconds",
                                       "executedAt",    "machines",  NULL };
  WeftLocation where;
  uint64_t seen = 0;

  if (!_weft_json_expect (&r->json, WEFT_JSON_BEGIN_OBJECT, "an object with a workflow"))
    return false;
  where = r->json.where;
  while (_weft_json_next_name (&r->json))
    if (!workflow_member (r, names, _weft_json_member (&r->json, names, &seen)))
      return false;
  if (r->json.error == NULL && (seen & 5) == 0)
    return fail_required (r, &where, "a workflow", "specification");
  if (r->json.error == NULL && (seen & 5) == 5)
    return _weft_json_fail_at (&r->json, WEFT_GRAPH_ERROR_FORMAT, &where,
                               "found a workflow with “specification” and “tasks”, expected one");
  return r->json.error == NULL;
}

static bool
read_version (Reader *r)
{
  g_autofree char *found = NULL;
  bool is_old;

  if (!next_name (r, "a schema version like “1.5”"))
    return false;
  is_old = _weft_json_is (&r->json, "1.4");
  if (is_old || _weft_json_is (&r->json, "1.5"))
    {
      g_string_append_printf (r->metadata, "%s\"schemaVersion\": \"%s\"",
                              r->metadata->len > 0 ? ", " : "", is_old ? "1.4" : "1.5");
      return true;
    }
  found = _weft_quote (r->json.chars, r->json.n_chars);
  return _weft_json_fail (&r->json, WEFT_GRAPH_ERROR_VERSION,
                          "found schema version %s, expected “1.5” or “1.4”", found);
}

static bool
read_graph_name (Reader *r)
{
  g_autofree char *name = NULL;

  if (!next_name (r, "the name of the workflow"))
    return false;
  name = g_strndup (r->json.chars, r->json.n_chars);
  weft_graph_builder_set_name (r->builder, name);
  return true;
}

static bool
document_member (Reader *r, const char *const *names, int member)
{
  switch (member)
    {
    case 0:
      return read_version (r);
    case 1:
      return read_workflow (r);
    case 2:
      return read_graph_name (r);
    case -1:
      return _weft_json_skip (&r->json);
    default:
      return keep_member (r, names[member]);
    }
}

static bool
read_document (Reader *r)
{
  static const char *const names[] = { "schemaVersion", "workflow", "name",          "description",
                                       "createdAt",     "author",   "runtimeSystem", NULL };
  WeftLocation where;
  uint64_t seen = 0;

  if (!_weft_json_expect (&r->json, WEFT_JSON_BEGIN_OBJECT, "an object in WfFormat"))
    return false;
  where = r->json.where;
  while (_weft_json_next_name (&r->json))
    if (!document_member (r, names, _weft_json_member (&r->json, names, &seen)))
      return false;
  if (r->json.error == NULL && (seen & 1) == 0)
    return fail_required (r, &where, "a workflow file", "schemaVersion");
  if (r->json.error == NULL && (seen & 2) == 0)
    return fail_required (r, &where, "a workflow file", "workflow");
  return r->json.error == NULL
         && _weft_json_expect (&r->json, WEFT_JSON_END, "the end of the input");
}

static void
clear (Reader *r)
{
  WeftWfWorkflow *w = &r->workflow;

  _weft_json_clear (&r->json);
  g_string_free (r->metadata, TRUE);
  _weft_intern_clear (&w->keys);
  _weft_intern_clear (&w->names);
  _weft_intern_clear (&w->files);
  g_free (w->tasks);
  g_free (w->task_of_key);
  g_free (w->executions);
  g_free (w->relations);
  g_free (w->input_files);
  g_free (w->output_files);
  g_free (w->output_numbers);
  g_free (w->maker_offsets);
  g_free (w->makers);
  g_free (w->file_bytes);
  g_array_unref (r->files);
}

/* The format has a size for each file that tasks name; where it is missing the graph is as good,
 * but for the memory that is foreseen. */
static void
note_files (const Reader *r)
{
  WeftLocation where = { .file = r->workflow.file };
  g_autofree char *quoted = NULL;
  uint32_t n = 0;

  for (guint i = 0; i < r->files->len; i++)
    {
      const File *file = &g_array_index (r->files, File, i);
      size_t n_chars;
      const char *chars = _weft_intern_get (&r->workflow.files, i, &n_chars);

      if (file->is_described || n++ > 0)
        continue;
      quoted = _weft_quote (chars, n_chars);
      where.line = file->place.line;
      where.column = file->place.column;
    }
  if (n == 1)
    _weft_graph_builder_note (
        r->builder, &where,
        "found the file %s, expected it among “files”; its size is taken as unknown", quoted);
  else if (n > 1)
    _weft_graph_builder_note (r->builder, &where,
                              "found the file %s and %u more, expected them among “files”; their "
                              "sizes are taken as unknown",
                              quoted, n - 1);
}

bool
_weft_graph_read_wfcommons (const char *bytes, size_t n_bytes, const char *file,
                            WeftGraphBuilder *builder, GError **error)
{
  Reader r = { .builder = builder,
               .metadata = g_string_new (NULL),
               .workflow.file = file,
               .files = g_array_new (FALSE, FALSE, sizeof (File)) };
  bool ok;

  _weft_json_init (&r.json, bytes, n_bytes, file);
  _weft_intern_init (&r.workflow.keys);
  _weft_intern_init (&r.workflow.names);
  _weft_intern_init (&r.workflow.files);
  ok = read_document (&r);
  if (ok)
    {
      g_autofree char *metadata = g_strdup_printf ("{%s}", r.metadata->str);

      _weft_graph_builder_set_file (builder, file);
      weft_graph_builder_set_location (builder, &r.tasks_begin);
      weft_graph_builder_set_metadata (builder, metadata);
      _weft_graph_builder_want_sinks (builder);
      _weft_wfcommons_build (&r.workflow, builder);
      note_files (&r);
    }
  _weft_json_finish (&r.json, error);
  clear (&r);
  return ok;
}
