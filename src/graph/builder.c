/* builder.c: tasks, edges and what is said of them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/weft-builder-private.h"

#include "base/weft-grow-private.h"
#include "graph/weft-json-private.h"

#include <string.h>

#define MAX_OUTPUTS 65535
#define RAW_PATTERN 0x80000000u

static void
init (WeftGraphBuilder *builder)
{
  _weft_intern_init (&builder->strings);
  _weft_intern_init (&builder->patterns);
  _weft_intern_init (&builder->raw_patterns);
  _weft_intern_init (&builder->blobs);
  /* Offset 0 of the text means “no operation”. */
  _weft_intern_add (&builder->strings, "", 0);
}

WeftGraphBuilder *
weft_graph_builder_new (void)
{
  WeftGraphBuilder *builder = g_new0 (WeftGraphBuilder, 1);

  init (builder);
  return builder;
}

static void
clear_tasks (WeftGraphBuilder *builder)
{
  _weft_keys_clear (&builder->keys);
  g_free (builder->next_numbers);
  g_free (builder->calls);
  g_free (builder->starts);
  g_free (builder->places);
  g_free (builder->groups);
  g_free (builder->attributes);
  g_free (builder->runtime_ns);
  g_free (builder->machines);
  g_free (builder->bytes_starts);
  g_free (builder->unit_flags);
  g_free (builder->output_bytes);
  g_free (builder->input_tasks);
  g_free (builder->input_outputs);
  g_free (builder->afters);
  g_free (builder->imports);
  g_free (builder->wanted);
  _weft_key_index_clear (&builder->key_index);
}

void
_weft_graph_builder_reset (WeftGraphBuilder *builder)
{
  g_clear_error (&builder->error);
  g_free (builder->file);
  g_free (builder->name);
  g_free (builder->metadata);
  if (builder->notes != NULL)
    g_ptr_array_unref (builder->notes);
  clear_tasks (builder);
  _weft_graph_builder_clear_calls (builder);
  _weft_intern_clear (&builder->strings);
  _weft_intern_clear (&builder->patterns);
  _weft_intern_clear (&builder->raw_patterns);
  _weft_intern_clear (&builder->blobs);
  memset (builder, 0, sizeof *builder);
  init (builder);
}

void
weft_graph_builder_free (WeftGraphBuilder *builder)
{
  if (builder == NULL)
    return;
  _weft_graph_builder_reset (builder);
  _weft_intern_clear (&builder->strings);
  g_free (builder);
}

void
_weft_graph_builder_mistake (WeftGraphBuilder *builder, WeftGraphError code, const char *format,
                             ...)
{
  va_list args;

  if (builder->error != NULL)
    return;
  va_start (args, format);
  _weft_graph_set_error_va (&builder->error, code, &builder->where, format, args);
  va_end (args);
}

void
_weft_graph_builder_note (WeftGraphBuilder *builder, const WeftLocation *where, const char *format,
                          ...)
{
  g_autoptr (GError) said = NULL;
  va_list args;

  va_start (args, format);
  _weft_graph_set_error_va (&said, WEFT_GRAPH_ERROR_UNSUPPORTED, where, format, args);
  va_end (args);
  if (builder->notes == NULL)
    builder->notes = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (builder->notes, g_strdup (said->message));
}

/* ---- room ------------------------------------------------------------------------------------ */

/* All arrays by task, those that exist, get the same room. */
static void
grow_tasks (WeftGraphBuilder *builder, size_t needed)
{
  size_t room = MIN (MAX (needed, MAX (64, builder->tasks_room * 2)), WEFT_GRAPH_MAX_TASKS);

  builder->tasks_room = room;
  builder->keys.patterns = g_renew (uint32_t, builder->keys.patterns, room);
  builder->keys.numbers = g_renew (uint32_t, builder->keys.numbers, room);
  builder->calls = g_renew (uint32_t, builder->calls, room);
  builder->starts = g_renew (uint32_t, builder->starts, room);
  if (builder->places != NULL)
    builder->places = g_renew (WeftCallLocation, builder->places, room);
  if (builder->groups != NULL)
    builder->groups = g_renew (uint32_t, builder->groups, room);
  if (builder->attributes != NULL)
    builder->attributes = g_renew (uint32_t, builder->attributes, room);
  if (builder->runtime_ns != NULL)
    builder->runtime_ns = g_renew (int64_t, builder->runtime_ns, room);
  if (builder->machines != NULL)
    builder->machines = g_renew (uint32_t, builder->machines, room);
  if (builder->bytes_starts != NULL)
    builder->bytes_starts = g_renew (uint32_t, builder->bytes_starts, room);
  if (builder->unit_flags != NULL)
    builder->unit_flags = g_renew (uint8_t, builder->unit_flags, room);
}

/* An array by task that is used for the first time: WEFT_NONE for all there are. */
static uint32_t *
new_task_column (const WeftGraphBuilder *builder)
{
  uint32_t *column = g_new (uint32_t, builder->tasks_room);

  memset (column, 0xff, builder->n_tasks * sizeof *column);
  return column;
}

void
weft_graph_builder_reserve (WeftGraphBuilder *builder, uint32_t n_tasks, uint64_t n_edges)
{
  if (n_tasks > builder->tasks_room && n_tasks < WEFT_GRAPH_MAX_TASKS)
    grow_tasks (builder, n_tasks);
  if (builder->has_key_index)
    _weft_key_index_reserve (&builder->key_index, &builder->keys, builder->n_tasks, n_tasks);
  if (n_edges < UINT32_MAX)
    _weft_grow_array (builder->input_tasks, builder->inputs_room, (size_t) n_edges);
}

/* ---- the graph itself ------------------------------------------------------------------------ */

void
weft_graph_builder_set_name (WeftGraphBuilder *builder, const char *name)
{
  char *copy = g_strdup (name);

  g_free (builder->name);
  builder->name = copy;
}

void
_weft_graph_builder_set_file (WeftGraphBuilder *builder, const char *file)
{
  char *copy = g_strdup (file);

  g_free (builder->file);
  builder->file = copy;
}

void
weft_graph_builder_set_metadata (WeftGraphBuilder *builder, const char *json)
{
  char *copy = g_strdup (json);

  if (json != NULL && !_weft_json_is_object (json))
    _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_FORMAT,
                                 "the metadata of the graph is not a JSON object");
  g_free (builder->metadata);
  builder->metadata = copy;
}

void
weft_graph_builder_set_location (WeftGraphBuilder *builder, const WeftLocation *location)
{
  builder->where = *location;
  if (WEFT_UNLIKELY (builder->places == NULL) && location->line != 0)
    {
      builder->places = g_new0 (WeftCallLocation, MAX (builder->tasks_room, 1));
      if (builder->tasks_room == 0)
        grow_tasks (builder, 1);
    }
}

void
_weft_graph_builder_want_sinks (WeftGraphBuilder *builder)
{
  builder->want_sinks = true;
}

uint32_t
weft_graph_builder_string (WeftGraphBuilder *builder, const char *string)
{
  return _weft_intern_add (&builder->strings, string, strlen (string));
}

uint32_t
_weft_graph_builder_string_n (WeftGraphBuilder *builder, const char *chars, size_t n_chars)
{
  return _weft_intern_add (&builder->strings, chars, n_chars);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void
append_task (WeftGraphBuilder *builder, uint32_t pattern, uint32_t number)
{
  uint32_t task = builder->n_tasks;

  if (WEFT_UNLIKELY (task == builder->tasks_room))
    grow_tasks (builder, (size_t) task + 1);
  builder->keys.patterns[task] = pattern;
  builder->keys.numbers[task] = number;
  builder->calls[task] = WEFT_NONE;
  builder->starts[task] = 0;
  if (builder->places != NULL)
    builder->places[task] = (WeftCallLocation){ builder->where.line, builder->where.column };
  if (builder->groups != NULL)
    builder->groups[task] = WEFT_NONE;
  if (builder->attributes != NULL)
    builder->attributes[task] = WEFT_NONE;
  if (builder->runtime_ns != NULL)
    builder->runtime_ns[task] = -1;
  if (builder->machines != NULL)
    builder->machines[task] = WEFT_NONE;
  if (builder->bytes_starts != NULL)
    builder->bytes_starts[task] = WEFT_NONE;
  if (builder->unit_flags != NULL)
    builder->unit_flags[task] = 0;
  builder->n_tasks++;
}

/* With room for what room was made for. */
static void
need_key_index (WeftGraphBuilder *builder)
{
  if (builder->has_key_index)
    return;
  builder->has_key_index = true;
  _weft_key_index_reserve (&builder->key_index, &builder->keys, builder->n_tasks,
                           MAX (builder->n_tasks + 1, (uint32_t) builder->tasks_room));
}

/* Where the numbers of each pattern come in ascending order, no key can be there already: until
 * that is not so, there is no index. */
static bool
is_surely_new (WeftGraphBuilder *builder, uint32_t pattern, uint32_t number)
{
  size_t room = builder->next_numbers_room;

  if (builder->has_key_index)
    return false;
  _weft_grow_array (builder->next_numbers, builder->next_numbers_room, (size_t) pattern + 1);
  if (builder->next_numbers_room > room)
    memset (builder->next_numbers + room, 0,
            (builder->next_numbers_room - room) * sizeof *builder->next_numbers);
  if (number < builder->next_numbers[pattern])
    return false;
  builder->next_numbers[pattern] = (uint64_t) number + 1;
  return true;
}

/* The task of a key, made if there is none. */
static uint32_t
task_of (WeftGraphBuilder *builder, uint32_t pattern, uint32_t number)
{
  uint32_t next = builder->n_tasks;
  uint32_t task;

  if (WEFT_UNLIKELY (next >= WEFT_GRAPH_MAX_TASKS - builder->n_imports))
    {
      _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_RANGE,
                                   "more than %u tasks, the most a graph can have",
                                   WEFT_GRAPH_MAX_TASKS);
      return 0;
    }
  if (is_surely_new (builder, pattern, number))
    task = next;
  else
    {
      need_key_index (builder);
      task = _weft_key_index_add (&builder->key_index, &builder->keys, next, pattern, number);
    }
  if (task == next)
    append_task (builder, pattern, number);
  return task;
}

/* Only new patterns are looked at: the rest of a key is digits. */
static void
check_key (WeftGraphBuilder *builder, const char *key, size_t n_chars)
{
  g_autofree char *quoted = NULL;

  if (n_chars == 0)
    _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_FORMAT,
                                 "found an empty key, expected at least one character");
  else if (n_chars > WEFT_KEY_MAX_BYTES)
    _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_RANGE,
                                 "found a key of %zu bytes, expected at most %d", n_chars,
                                 WEFT_KEY_MAX_BYTES);
  else if (!g_utf8_validate (key, (gssize) n_chars, NULL))
    {
      quoted = _weft_quote (key, n_chars);
      _weft_graph_builder_mistake (
          builder,
          memchr (key, 0, n_chars) != NULL ? WEFT_GRAPH_ERROR_FORMAT : WEFT_GRAPH_ERROR_UTF8,
          "found the key %s, expected UTF-8 text without a zero byte", quoted);
    }
}

/* Mostly a key has the pattern of the one before. */
static uint32_t
pattern_of (WeftGraphBuilder *builder, const WeftKeyParts *parts)
{
  WeftKeyParts last;

  if (builder->last_pattern < builder->patterns.n)
    {
      _weft_key_parts (&builder->patterns, builder->last_pattern, 0, &last);
      if (last.width == parts->width && last.n_prefix == parts->n_prefix
          && last.n_suffix == parts->n_suffix
          && memcmp (last.prefix, parts->prefix, last.n_prefix) == 0
          && memcmp (last.suffix, parts->suffix, last.n_suffix) == 0)
        return builder->last_pattern;
    }
  return builder->last_pattern = _weft_key_intern (&builder->patterns, parts);
}

static uint32_t
task_of_key (WeftGraphBuilder *builder, const char *key, gssize n_chars)
{
  size_t n = n_chars >= 0 ? (size_t) n_chars : strlen (key);
  uint32_t n_patterns = builder->patterns.n;
  WeftKeyParts parts;
  uint32_t pattern;

  _weft_key_parse (key, n, &parts);
  pattern = pattern_of (builder, &parts);
  if (builder->patterns.n > n_patterns)
    check_key (builder, key, n);
  return task_of (builder, pattern, parts.number);
}

uint32_t
weft_graph_builder_mention (WeftGraphBuilder *builder, const char *key, gssize n_chars)
{
  return task_of_key (builder, key, n_chars);
}

uint32_t
_weft_graph_builder_find (WeftGraphBuilder *builder, const char *key, gssize n_chars)
{
  size_t n = n_chars >= 0 ? (size_t) n_chars : strlen (key);
  WeftKeyParts parts;
  uint32_t pattern;

  _weft_key_parse (key, n, &parts);
  pattern = _weft_key_find (&builder->patterns, &parts);
  if (pattern == WEFT_NONE)
    return WEFT_NONE;
  need_key_index (builder);
  return _weft_key_index_find (&builder->key_index, &builder->keys, pattern, parts.number);
}

uint32_t
_weft_graph_builder_n_tasks (const WeftGraphBuilder *builder)
{
  return builder->n_tasks;
}

bool
_weft_graph_builder_is_defined (const WeftGraphBuilder *builder, uint32_t task)
{
  return builder->calls[task] != WEFT_NONE;
}

bool
_weft_graph_builder_has_failed (const WeftGraphBuilder *builder)
{
  return builder->error != NULL;
}

size_t
_weft_graph_builder_key (const WeftGraphBuilder *builder, uint32_t task, char *buffer, size_t size)
{
  WeftKeyParts parts;

  _weft_key_parts (&builder->patterns, builder->keys.patterns[task], builder->keys.numbers[task],
                   &parts);
  return _weft_key_format (&parts, buffer, size);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/* The key in “ ”, for messages. (transfer full) */
static char *
quote_key (const WeftGraphBuilder *builder, uint32_t task)
{
  char key[256];
  size_t n = _weft_graph_builder_key (builder, task, key, sizeof key);

  return _weft_quote (key, MIN (n, sizeof key - 1));
}

static void
mistake_duplicate (WeftGraphBuilder *builder, uint32_t task)
{
  g_autofree char *key = quote_key (builder, task);

  if (builder->places != NULL && builder->places[task].line != 0)
    _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_DUPLICATE,
                                 "found the key %s a second time, expected each once; it was first "
                                 "defined on line %u, column %u",
                                 key, builder->places[task].line, builder->places[task].column);
  else
    _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_DUPLICATE,
                                 "found the key %s a second time, expected each once", key);
}

static void
mistake_self (WeftGraphBuilder *builder, uint32_t task)
{
  g_autofree char *key = quote_key (builder, task);

  _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_SELF,
                               "found the task %s as a dependency of itself, expected another task",
                               key);
}

/* Keeps which outputs are read, once any but the first is. */
static void
append_output (WeftGraphBuilder *builder, size_t at, uint32_t output)
{
  size_t room = builder->input_outputs_room;

  if (output > MAX_OUTPUTS)
    _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_RANGE,
                                 "found output %u, expected at most %d", output, MAX_OUTPUTS);
  _weft_grow_array (builder->input_outputs, builder->input_outputs_room, at + 1);
  if (room == 0)
    memset (builder->input_outputs, 0, at * sizeof (uint16_t));
  builder->input_outputs[at] = (uint16_t) output;
}

static void
append_inputs (WeftGraphBuilder *builder, uint32_t task, const WeftTaskOutput *inputs, uint32_t n)
{
  size_t first = builder->n_inputs;

  if (first + n >= UINT32_MAX)
    {
      _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_RANGE,
                                   "more than %u edges, the most a graph can have", UINT32_MAX - 1);
      return;
    }
  _weft_grow_array (builder->input_tasks, builder->inputs_room, first + n);
  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t input = inputs[i].task;

      if (WEFT_UNLIKELY (input >= builder->n_tasks)
          && !_weft_graph_builder_is_import (builder, input))
        {
          _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_MISSING,
                                       "input %u is task %u, but there are only %u tasks", i, input,
                                       builder->n_tasks);
          input = WEFT_NONE;
        }
      else if (WEFT_UNLIKELY (input == task))
        mistake_self (builder, task);
      builder->input_tasks[first + i] = input;
      if (builder->input_outputs != NULL || inputs[i].output != 0)
        append_output (builder, first + i, inputs[i].output);
    }
  builder->n_inputs = first + n;
}

/* The right number of inputs for a call that takes others. */
static uint32_t
check_call (WeftGraphBuilder *builder, uint32_t call, uint32_t n_inputs)
{
  if (WEFT_LIKELY (call < builder->n_calls && builder->call_list[call].n_slots == n_inputs))
    return call;
  if (call >= builder->n_calls)
    _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_FORMAT,
                                 "found call %u, expected one of the %zu that were closed", call,
                                 builder->n_calls);
  else
    _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_FORMAT,
                                 "found %u inputs, expected the %u that the call reads", n_inputs,
                                 builder->call_list[call].n_slots);
  return WEFT_NONE;
}

void
_weft_graph_builder_define (WeftGraphBuilder *builder, uint32_t task, uint32_t call,
                            const WeftTaskOutput *inputs, uint32_t n_inputs)
{
  if (builder->error != NULL)
    return;
  if (WEFT_UNLIKELY (builder->calls[task] != WEFT_NONE))
    {
      mistake_duplicate (builder, task);
      return;
    }
  call = check_call (builder, call, n_inputs);
  if (call == WEFT_NONE)
    return;
  builder->calls[task] = call;
  builder->starts[task] = (uint32_t) builder->n_inputs;
  builder->next_in_order = builder->next_in_order == task ? task + 1 : WEFT_NONE;
  if (builder->places != NULL)
    builder->places[task] = (WeftCallLocation){ builder->where.line, builder->where.column };
  append_inputs (builder, task, inputs, n_inputs);
}

uint32_t
weft_graph_builder_add_task (WeftGraphBuilder *builder, const char *key, gssize n_chars,
                             uint32_t call, const WeftTaskOutput *inputs, uint32_t n_inputs)
{
  uint32_t task = task_of_key (builder, key, n_chars);

  _weft_graph_builder_define (builder, task, call, inputs, n_inputs);
  return task;
}

/* A pattern whose keys, written and split again, come apart elsewhere (a digit before the
 * number, other text after it) gets a number of its own kind: its keys take the way of any key. */
uint32_t
weft_graph_builder_key_pattern (WeftGraphBuilder *builder, const char *prefix, const char *suffix)
{
  g_autofree char *key = g_strconcat (prefix, "1", suffix, NULL);
  WeftKeyParts wanted = {
    .prefix = prefix, .n_prefix = strlen (prefix), .suffix = suffix, .n_suffix = strlen (suffix)
  };
  uint32_t n_patterns = builder->patterns.n;
  WeftKeyParts parts;
  uint32_t pattern;

  _weft_key_parse (key, strlen (key), &parts);
  if (parts.n_prefix != wanted.n_prefix || parts.n_suffix != wanted.n_suffix || parts.width != 0)
    {
      wanted.n_suffix = MIN (wanted.n_suffix, UINT8_MAX);
      return RAW_PATTERN | _weft_key_intern (&builder->raw_patterns, &wanted);
    }
  pattern = _weft_key_intern (&builder->patterns, &wanted);
  if (builder->patterns.n > n_patterns)
    check_key (builder, key, strlen (key));
  return pattern;
}

/* Also for numbers of ten digits, which do not stand whole in keys as they are kept. */
static uint32_t
task_of_written_key (WeftGraphBuilder *builder, const WeftKeyParts *parts)
{
  size_t n = _weft_key_format (parts, NULL, 0);
  g_autofree char *key = g_malloc (n + 1);

  _weft_key_format (parts, key, n + 1);
  return task_of_key (builder, key, (gssize) n);
}

static uint32_t
task_of_pattern (WeftGraphBuilder *builder, uint32_t pattern, uint32_t number)
{
  bool raw = (pattern & RAW_PATTERN) != 0;
  const WeftIntern *patterns = raw ? &builder->raw_patterns : &builder->patterns;
  WeftKeyParts parts;

  if (WEFT_LIKELY (pattern < builder->patterns.n && number <= WEFT_KEY_MAX_NUMBER))
    return task_of (builder, pattern, number);
  pattern &= ~RAW_PATTERN;
  if (pattern < patterns->n)
    {
      _weft_key_parts (patterns, pattern, number, &parts);
      return task_of_written_key (builder, &parts);
    }
  _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_FORMAT,
                               "found key pattern %u, which was never made", pattern);
  return task_of_key (builder, "?", 1);
}

uint32_t
weft_graph_builder_add_numbered (WeftGraphBuilder *builder, uint32_t pattern, uint32_t number,
                                 uint32_t call, const WeftTaskOutput *inputs, uint32_t n_inputs)
{
  uint32_t task = task_of_pattern (builder, pattern, number);

  _weft_graph_builder_define (builder, task, call, inputs, n_inputs);
  return task;
}

/* ---- imports --------------------------------------------------------------------------------- */

static uint32_t
append_import (WeftGraphBuilder *builder, const WeftImport *import)
{
  if (builder->n_tasks >= WEFT_GRAPH_MAX_TASKS - builder->n_imports - 1)
    {
      _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_RANGE,
                                   "more than %u tasks and imports", WEFT_GRAPH_MAX_TASKS);
      return 0;
    }
  _weft_grow_array (builder->imports, builder->imports_room, builder->n_imports + 1);
  builder->imports[builder->n_imports++] = *import;
  return (uint32_t) (WEFT_GRAPH_MAX_TASKS - builder->n_imports);
}

uint32_t
weft_graph_builder_import (WeftGraphBuilder *builder, const char *key, uint32_t output)
{
  WeftImport import = { .kind = WEFT_IMPORT_KEY,
                        .key = weft_graph_builder_string (builder, key),
                        .output = output };

  return append_import (builder, &import);
}

uint32_t
weft_graph_builder_import_task (WeftGraphBuilder *builder, uint32_t segment, uint32_t task,
                                uint32_t output)
{
  WeftImport import = {
    .kind = WEFT_IMPORT_TASK, .key = WEFT_NONE, .segment = segment, .task = task, .output = output
  };

  return append_import (builder, &import);
}

uint32_t
weft_graph_builder_import_value (WeftGraphBuilder *builder)
{
  WeftImport import = { .kind = WEFT_IMPORT_VALUE, .key = WEFT_NONE };

  return append_import (builder, &import);
}

/* ---- what is said of a task ------------------------------------------------------------------ */

static bool
check_task (WeftGraphBuilder *builder, uint32_t task)
{
  if (WEFT_LIKELY (task < builder->n_tasks))
    return true;
  _weft_graph_builder_mistake (builder, WEFT_GRAPH_ERROR_MISSING,
                               "found task %u, but there are only %u tasks", task,
                               builder->n_tasks);
  return false;
}

void
weft_graph_builder_add_after (WeftGraphBuilder *builder, uint32_t task, uint32_t before)
{
  if (!check_task (builder, task) || !check_task (builder, before))
    return;
  if (task == before)
    mistake_self (builder, task);
  _weft_grow_array (builder->afters, builder->afters_room, builder->n_afters + 1);
  builder->afters[builder->n_afters++] = (WeftTaskOutput){ task, before };
}

void
_weft_graph_builder_set_group (WeftGraphBuilder *builder, uint32_t task, uint32_t group)
{
  if (!check_task (builder, task))
    return;
  if (WEFT_UNLIKELY (builder->groups == NULL))
    builder->groups = new_task_column (builder);
  builder->groups[task] = group;
}

void
weft_graph_builder_set_group (WeftGraphBuilder *builder, uint32_t task, const char *group)
{
  _weft_graph_builder_set_group (builder, task, weft_graph_builder_string (builder, group));
}

void
weft_graph_builder_set_hints (WeftGraphBuilder *builder, uint32_t task, int64_t runtime_ns,
                              const uint64_t *output_bytes, uint32_t n_outputs, uint32_t machine)
{
  if (!check_task (builder, task))
    return;
  if (runtime_ns >= 0 && builder->runtime_ns == NULL)
    {
      builder->runtime_ns = g_new (int64_t, builder->tasks_room);
      memset (builder->runtime_ns, 0xff, builder->n_tasks * sizeof (int64_t));
    }
  if (builder->runtime_ns != NULL)
    builder->runtime_ns[task] = MAX (runtime_ns, -1);
  if (machine != WEFT_NONE && builder->machines == NULL)
    builder->machines = new_task_column (builder);
  if (builder->machines != NULL)
    builder->machines[task] = machine;
  if (output_bytes == NULL || n_outputs == 0)
    return;
  if (builder->bytes_starts == NULL)
    builder->bytes_starts = new_task_column (builder);
  builder->bytes_starts[task] = (uint32_t) builder->n_output_bytes;
  _weft_grow_array (builder->output_bytes, builder->output_bytes_room,
                    builder->n_output_bytes + 1 + n_outputs);
  builder->output_bytes[builder->n_output_bytes++] = n_outputs;
  memcpy (builder->output_bytes + builder->n_output_bytes, output_bytes,
          n_outputs * sizeof *output_bytes);
  builder->n_output_bytes += n_outputs;
}

void
weft_graph_builder_set_continues (WeftGraphBuilder *builder, uint32_t task)
{
  if (!check_task (builder, task))
    return;
  if (builder->unit_flags == NULL)
    builder->unit_flags = g_malloc0 (builder->tasks_room);
  builder->unit_flags[task] |= WEFT_UNIT_CONTINUES;
}

void
weft_graph_builder_want (WeftGraphBuilder *builder, uint32_t task, uint32_t output)
{
  if (!check_task (builder, task))
    return;
  _weft_grow_array (builder->wanted, builder->wanted_room, builder->n_wanted + 1);
  builder->wanted[builder->n_wanted++] = (WeftTaskOutput){ task, output };
}
