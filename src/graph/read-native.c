/* read-native.c: reads Weftline's own graph files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The format is described by data/weftline-graph.schema.json. One pass over the tokens; what a
 * task says goes straight into the builder's open call. Members of an object have no order, so
 * three things may come too early or too late, and are read again from where they stand once their
 * turn has come:
 *
 *   kwargs before args      after the task's other members (slots are numbered args first)
 *   outputs before tasks    after the document (else wanted keys would get the first ids)
 *   defaults after tasks    the whole document once more, with the defaults known
 *
 * In arguments an object is a record, except:
 *
 *   {"ref": key}, {"ref": key, "output": k}    another task's result
 *   {"$literal": {…}}          a record as it stands, though it has a member “ref” or “$…”
 *   {"$float": "nan"}          also "inf" and "-inf", which JSON has no numbers for
 *   {"$bytes": base64}         bytes; {"$encoded": base64}: a value in the codec's form
 *   {"$map": [[key, value] …]} a mapping whose keys are not all texts
 *   {"$tagged": [tag, value]}  what the tag says at home: "tuple", "slice", "set" …
 *   {"$path": "texts/a.txt"}   a text: the path, from the folder of the graph's file
 *   {"$import": key}           a result of an earlier segment of the run that this graph extends;
 *                              {"$import": [key, k]}: its output k
 */
#include "config.h"

#include "graph/weft-read-native-private.h"

#include <string.h>

enum
{
  DOC_WEFTLINE,
  DOC_NAME,
  DOC_METADATA,
  DOC_DEFAULTS,
  DOC_TASKS,
  DOC_OUTPUTS,
  DOC_SCHEMA
};

static const char *const document_names[] = { "weftline", "name",    "metadata", "defaults",
                                              "tasks",    "outputs", "$schema",  NULL };

enum
{
  TASK_OP,
  TASK_ARGS,
  TASK_KWARGS,
  TASK_AFTER,
  TASK_GROUP,
  TASK_OUTPUTS,
  TASK_RUNTIME,
  TASK_BYTES,
  TASK_MACHINE,
  TASK_VERSION,
  TASK_LABEL,
  TASK_METADATA,
  TASK_PRIORITY, /* from here on in defaults too */
  TASK_RETRIES,
  TASK_RETRY_DELAY,
  TASK_TIMEOUT,
  TASK_RESOURCES
};

static const char *const task_names[] = { "op",        "args",    "kwargs",      "after",
                                          "group",     "outputs", "runtime",     "bytes",
                                          "machine",   "version", "label",       "metadata",
                                          "priority",  "retries", "retry_delay", "timeout",
                                          "resources", NULL };

/* ---- the members of a task ------------------------------------------------------------------- */

static bool
read_op (WeftNativeReader *reader)
{
  if (!_weft_native_expect_text (reader, "the name of an operation"))
    return false;
  if (reader->json.n_chars == 0)
    return _weft_json_unexpected (&reader->json, "the name of an operation");
  _weft_native_set_place (reader);
  _weft_graph_builder_set_call_op (reader->builder, reader->json.chars,
                                   (gssize) reader->json.n_chars);
  return true;
}

static bool
read_version (WeftNativeReader *reader)
{
  int64_t version;

  if (!_weft_json_expect_int64 (&reader->json, 1, UINT32_MAX, "the version of an operation",
                                &version))
    return false;
  _weft_graph_builder_set_call_version (reader->builder, (uint32_t) version);
  return true;
}

static bool
read_args (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;

  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_ARRAY, "an array of arguments"))
    return false;
  while (_weft_json_next_item (json) && _weft_native_read_this_value (reader))
    ;
  return json->error == NULL;
}

static bool
read_kwargs (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;

  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "an object of keyword arguments"))
    return false;
  weft_graph_builder_begin_kwargs (reader->builder);
  while (_weft_json_next_name (json))
    {
      _weft_native_set_place (reader);
      weft_graph_builder_arg_name (reader->builder, json->chars, (gssize) json->n_chars);
      if (!_weft_native_read_value (reader))
        return false;
    }
  return json->error == NULL;
}

static bool
read_after (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;

  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_ARRAY, "an array of keys"))
    return false;
  while (_weft_json_next_item (json))
    {
      uint32_t before;

      if (json->token != WEFT_JSON_STRING)
        return _weft_json_unexpected (json, "the key of a task");
      if (!_weft_native_mention (reader, &before))
        return false;
      g_array_append_val (reader->afters, before);
    }
  return json->error == NULL;
}

static bool
read_group (WeftNativeReader *reader)
{
  g_autofree char *group = NULL;

  if (!_weft_native_expect_text (reader, "the name of a group"))
    return false;
  group = g_strndup (reader->json.chars, reader->json.n_chars);
  weft_graph_builder_set_group (reader->builder, reader->task.id, group);
  return true;
}

static bool
read_output_count (WeftNativeReader *reader)
{
  int64_t n;

  if (!_weft_json_expect_int64 (&reader->json, 1, MAX_OUTPUT + 1, "the number of outputs", &n))
    return false;
  reader->task.n_outputs = (uint32_t) n;
  _weft_graph_builder_set_call_outputs (reader->builder, (uint32_t) n);
  return true;
}

/* The token just read, as the size of one output; null: unknown. */
static bool
read_size (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;
  uint64_t bytes = (uint64_t) json->i;

  if (json->token == WEFT_JSON_NULL)
    bytes = UINT64_MAX;
  else if (json->token != WEFT_JSON_INT64 || json->i < 0)
    return _weft_json_unexpected (json, "a size in bytes");
  g_array_append_val (reader->bytes, bytes);
  return true;
}

/* One size, or one for each output. */
static bool
read_bytes (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;

  reader->task.has_bytes = true;
  if (_weft_json_next (json) != WEFT_JSON_BEGIN_ARRAY)
    return json->error == NULL && read_size (reader);
  while (_weft_json_next_item (json))
    if (!read_size (reader))
      return false;
  return json->error == NULL;
}

/* ---- attributes ------------------------------------------------------------------------------ */

static bool
read_priority (WeftNativeReader *reader, WeftTaskAttributes *attributes)
{
  int64_t priority;

  if (!_weft_json_expect_int64 (&reader->json, INT32_MIN, INT32_MAX, "a priority", &priority))
    return false;
  attributes->priority = (int32_t) priority;
  return true;
}

static bool
read_retries (WeftNativeReader *reader, WeftTaskAttributes *attributes)
{
  int64_t retries;

  if (!_weft_json_expect_int64 (&reader->json, 0, INT32_MAX, "a number of retries", &retries))
    return false;
  attributes->retries = (uint32_t) retries;
  return true;
}

static bool
fail_double_resource (WeftNativeReader *reader)
{
  g_autofree char *name = _weft_quote (reader->json.chars, reader->json.n_chars);

  return _weft_json_fail (
      &reader->json, WEFT_GRAPH_ERROR_DUPLICATE,
      "found the resource %s a second time in the same object, expected each once", name);
}

static bool
read_resources (WeftNativeReader *reader, GArray *resources)
{
  WeftJson *json = &reader->json;

  g_array_set_size (resources, 0);
  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "an object of resources and amounts"))
    return false;
  while (_weft_json_next_name (json))
    {
      WeftResourceNeed need = { .name = _weft_graph_builder_string_n (reader->builder, json->chars,
                                                                      json->n_chars) };

      if (json->n_chars == 0 || memchr (json->chars, 0, json->n_chars) != NULL)
        return _weft_json_unexpected (json, "the name of a resource");
      for (guint i = 0; i < resources->len; i++)
        if (g_array_index (resources, WeftResourceNeed, i).name == need.name)
          return fail_double_resource (reader);
      if (!_weft_json_expect_number (json, 0, 1e18, "an amount", &need.amount))
        return false;
      g_array_append_val (resources, need);
    }
  return json->error == NULL;
}

/* A member that tasks and defaults have both. */
static bool
read_attribute (WeftNativeReader *reader, int member, WeftTaskAttributes *attributes,
                GArray *resources)
{
  switch (member)
    {
    case TASK_PRIORITY:
      return read_priority (reader, attributes);
    case TASK_RETRIES:
      return read_retries (reader, attributes);
    case TASK_RETRY_DELAY:
      return _weft_native_expect_seconds (reader, "a delay in seconds",
                                          &attributes->retry_delay_ns);
    case TASK_TIMEOUT:
      return _weft_native_expect_seconds (reader, "a timeout in seconds", &attributes->timeout_ns);
    default:
      return read_resources (reader, resources);
    }
}

static bool
read_defaults (WeftNativeReader *reader)
{
  const char *const *names = task_names + TASK_PRIORITY;
  WeftJson *json = &reader->json;
  uint64_t seen = 0;

  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "an object of defaults"))
    return false;
  while (_weft_json_next_name (json))
    {
      int member = _weft_json_member (json, names, &seen);

      if (member < 0)
        return _weft_json_unknown_member (json, names, "the defaults");
      if (!read_attribute (reader, TASK_PRIORITY + member, &reader->defaults,
                           reader->default_resources))
        return false;
    }
  reader->has_defaults = seen != 0;
  return json->error == NULL;
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static bool
read_member (WeftNativeReader *reader, int member)
{
  WeftNativeTask *task = &reader->task;

  switch (member)
    {
    case TASK_OP:
      return read_op (reader);
    case TASK_VERSION:
      return read_version (reader);
    case TASK_ARGS:
      return read_args (reader);
    case TASK_AFTER:
      return read_after (reader);
    case TASK_GROUP:
      return read_group (reader);
    case TASK_OUTPUTS:
      return read_output_count (reader);
    case TASK_RUNTIME:
      return _weft_native_expect_seconds (reader, "a runtime in seconds", &task->runtime_ns);
    case TASK_BYTES:
      return read_bytes (reader);
    case TASK_MACHINE:
      return _weft_native_expect_string_id (reader, "the name of a machine", &task->machine);
    case TASK_LABEL:
      task->has_attributes = true;
      return _weft_native_expect_string_id (reader, "a label", &task->attributes.label);
    case TASK_METADATA:
      task->has_attributes = true;
      task->attributes.metadata = _weft_native_read_metadata (reader);
      return task->attributes.metadata != NULL;
    default:
      task->has_attributes = true;
      return read_attribute (reader, member, &task->attributes, reader->resources);
    }
}

/* All members; keyword arguments last. */
static bool
read_task_members (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;
  WeftJsonMark kwargs = { 0 };
  WeftJsonMark end;
  uint64_t seen = 0;

  while (_weft_json_next_name (json))
    {
      int member = _weft_json_member (json, task_names, &seen);

      if (member < 0)
        return _weft_json_unknown_member (json, task_names, "a task");
      if (member == TASK_KWARGS)
        {
          _weft_json_mark (json, &kwargs);
          if (!_weft_json_skip (json))
            return false;
        }
      else if (!read_member (reader, member))
        return false;
    }
  if (kwargs.at == NULL || json->error != NULL)
    return json->error == NULL;
  _weft_json_mark (json, &end);
  _weft_json_rewind (json, &kwargs);
  if (!read_kwargs (reader))
    return false;
  _weft_json_rewind (json, &end);
  return true;
}

/* What could not be said before the task was there. */
static bool
finish_task (WeftNativeReader *reader)
{
  WeftGraphBuilder *builder = reader->builder;
  WeftNativeTask *task = &reader->task;

  for (guint i = 0; i < reader->afters->len; i++)
    weft_graph_builder_add_after (builder, task->id, g_array_index (reader->afters, uint32_t, i));
  if (task->has_bytes && reader->bytes->len != task->n_outputs)
    return _weft_json_fail_at (
        &reader->json, WEFT_GRAPH_ERROR_FORMAT, &task->where,
        "found %u sizes in “bytes”, expected one for each of the outputs: %u", reader->bytes->len,
        task->n_outputs);
  if (task->runtime_ns >= 0 || task->has_bytes || task->machine != WEFT_NONE)
    weft_graph_builder_set_hints (builder, task->id, task->runtime_ns,
                                  (const uint64_t *) (void *) reader->bytes->data,
                                  reader->bytes->len, task->machine);
  if (task->has_attributes || reader->has_defaults)
    {
      task->attributes.resources = (WeftResourceNeed *) (void *) reader->resources->data;
      task->attributes.n_resources = reader->resources->len;
      weft_graph_builder_set_attributes (builder, task->id, &task->attributes);
    }
  return true;
}

static void
begin_task (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;
  uint32_t id;

  _weft_native_set_place (reader);
  id = weft_graph_builder_mention (reader->builder, json->chars, (gssize) json->n_chars);
  g_free (reader->task.attributes.metadata);
  reader->task = (WeftNativeTask){ .id = id,
                                   .where = json->where,
                                   .runtime_ns = -1,
                                   .machine = WEFT_NONE,
                                   .n_outputs = 1,
                                   .attributes = reader->defaults };
  _weft_input_set_reset (&reader->inputs);
  g_array_set_size (reader->afters, 0);
  g_array_set_size (reader->bytes, 0);
  g_array_set_size (reader->resources, 0);
  if (reader->default_resources->len > 0)
    g_array_append_vals (reader->resources, reader->default_resources->data,
                         reader->default_resources->len);
  weft_graph_builder_begin_call (reader->builder, NULL, 0, 1);
}

/* After the NAME that is its key. */
static bool
read_task (WeftNativeReader *reader)
{
  WeftGraphBuilder *builder = reader->builder;
  uint32_t call;

  begin_task (reader);
  if (!_weft_json_expect (&reader->json, WEFT_JSON_BEGIN_OBJECT, "an object that describes a task")
      || !read_task_members (reader))
    return false;
  call = weft_graph_builder_end_call (builder);
  weft_graph_builder_set_location (builder, &reader->task.where);
  _weft_graph_builder_define (builder, reader->task.id, call, reader->inputs.pairs,
                              reader->inputs.n);
  return finish_task (reader);
}

static bool
read_tasks (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;

  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "an object of tasks by key"))
    return false;
  _weft_native_set_place (reader);
  while (!_weft_graph_builder_has_failed (reader->builder) && _weft_json_next_name (json)
         && read_task (reader))
    ;
  reader->task.id = WEFT_NONE;
  return json->error == NULL && !_weft_graph_builder_has_failed (reader->builder);
}

/* ---- the document ---------------------------------------------------------------------------- */

static bool
read_wanted (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;
  WeftTaskOutput wanted;

  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_ARRAY, "an array of keys"))
    return false;
  while (_weft_json_next_item (json))
    {
      wanted = (WeftTaskOutput){ WEFT_NONE, 0 };
      if (json->token == WEFT_JSON_STRING)
        _weft_native_mention (reader, &wanted.task);
      else if (json->token != WEFT_JSON_BEGIN_OBJECT)
        return _weft_json_unexpected (json, "a key, or {\"ref\": key, \"output\": number}");
      else if (!_weft_json_next_name (json))
        return _weft_json_unexpected (json, "the member “ref” of a reference");
      else if (!_weft_native_read_reference (reader, &wanted))
        return false;
      weft_graph_builder_want (reader->builder, wanted.task, wanted.output);
    }
  return json->error == NULL;
}

static bool
read_document_version (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;

  if (!_weft_json_expect (json, WEFT_JSON_INT64, "the version of the format, 1"))
    return false;
  if (json->i == 1)
    return true;
  return _weft_json_fail (json, WEFT_GRAPH_ERROR_VERSION,
                          "found version %" G_GINT64_FORMAT
                          " of the format, expected 1, the only one this program knows",
                          json->i);
}

static bool
read_name (WeftNativeReader *reader)
{
  g_autofree char *name = NULL;

  if (!_weft_native_expect_text (reader, "a name"))
    return false;
  name = g_strndup (reader->json.chars, reader->json.n_chars);
  weft_graph_builder_set_name (reader->builder, name);
  return true;
}

static bool
read_document_metadata (WeftNativeReader *reader)
{
  g_autofree char *metadata = _weft_native_read_metadata (reader);

  weft_graph_builder_set_metadata (reader->builder, metadata);
  return metadata != NULL;
}

/* Members whose turn has not come yet. */
typedef struct
{
  uint64_t seen;
  WeftJsonMark outputs;
  WeftJsonMark defaults;
} Document;

static bool
skip_for_later (WeftNativeReader *reader, WeftJsonMark *mark)
{
  _weft_json_mark (&reader->json, mark);
  return _weft_json_skip (&reader->json);
}

static bool
read_document_member (WeftNativeReader *reader, Document *document, int member)
{
  switch (member)
    {
    case DOC_WEFTLINE:
      return read_document_version (reader);
    case DOC_NAME:
      return read_name (reader);
    case DOC_METADATA:
      return read_document_metadata (reader);
    case DOC_DEFAULTS:
      if (reader->defaults_known)
        return _weft_json_skip (&reader->json);
      if ((document->seen & 1 << DOC_TASKS) != 0)
        return skip_for_later (reader, &document->defaults);
      return read_defaults (reader);
    case DOC_TASKS:
      return read_tasks (reader);
    case DOC_OUTPUTS:
      return skip_for_later (reader, &document->outputs);
    default:
      return _weft_native_expect_text (reader, "the address of a schema");
    }
}

static bool
check_document (WeftNativeReader *reader, const Document *document)
{
  WeftJson *json = &reader->json;

  if (json->error != NULL)
    return false;
  if ((document->seen & 1 << DOC_WEFTLINE) == 0)
    return _weft_json_unexpected (json, "the member “weftline” with the format's version, 1");
  if ((document->seen & 1 << DOC_TASKS) == 0)
    return _weft_json_unexpected (json, "the member “tasks” with an object of tasks by key");
  return _weft_json_next (json) == WEFT_JSON_END;
}

static bool
read_document (WeftNativeReader *reader, Document *document)
{
  WeftJson *json = &reader->json;

  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "an object: {\"weftline\": 1, …}"))
    return false;
  while (_weft_json_next_name (json))
    {
      int member = _weft_json_member (json, document_names, &document->seen);

      if (member < 0)
        return _weft_json_unknown_member (json, document_names, "a graph file");
      if (!read_document_member (reader, document, member))
        return false;
    }
  if (!check_document (reader, document))
    return false;
  if (document->outputs.at == NULL)
    {
      _weft_graph_builder_want_sinks (reader->builder);
      return true;
    }
  _weft_json_rewind (json, &document->outputs);
  return read_wanted (reader);
}

/* The defaults stood behind the tasks: all again, with them. */
static bool
read_again (WeftNativeReader *reader, const WeftJsonMark *start, const WeftJsonMark *defaults)
{
  Document document = { 0 };

  _weft_json_rewind (&reader->json, defaults);
  _weft_graph_builder_reset (reader->builder);
  g_clear_pointer (&reader->imports, g_hash_table_unref);
  _weft_graph_builder_set_file (reader->builder, reader->json.where.file);
  if (!read_defaults (reader))
    return false;
  reader->defaults_known = true;
  _weft_json_rewind (&reader->json, start);
  return read_document (reader, &document);
}

static void
clear_reader (WeftNativeReader *reader)
{
  g_free (reader->task.attributes.metadata);
  _weft_input_set_clear (&reader->inputs);
  g_clear_pointer (&reader->imports, g_hash_table_unref);
  g_array_unref (reader->afters);
  g_array_unref (reader->bytes);
  g_array_unref (reader->resources);
  g_array_unref (reader->default_resources);
  _weft_json_clear (&reader->json);
}

bool
_weft_graph_read_native (const char *bytes, size_t n_bytes, const char *file,
                         WeftGraphBuilder *builder, GError **error)
{
  WeftNativeReader reader = { .builder = builder,
                              .task = { .id = WEFT_NONE },
                              .afters = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
                              .bytes = g_array_new (FALSE, FALSE, sizeof (uint64_t)),
                              .resources = g_array_new (FALSE, FALSE, sizeof (WeftResourceNeed)),
                              .default_resources =
                                  g_array_new (FALSE, FALSE, sizeof (WeftResourceNeed)),
                              .defaults = { .label = WEFT_NONE } };
  Document document = { 0 };
  WeftJsonMark start;
  bool read;

  _weft_graph_builder_set_file (builder, file);
  _weft_json_init (&reader.json, bytes, n_bytes, file);
  _weft_json_mark (&reader.json, &start);
  read = read_document (&reader, &document);
  if (read && document.defaults.at != NULL)
    read_again (&reader, &start, &document.defaults);
  read = _weft_json_finish (&reader.json, error);
  clear_reader (&reader);
  return read;
}
