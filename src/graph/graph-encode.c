/* graph-encode.c: a graph segment into compact bytes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The graph is gone through in stages; a piece is full when it has PIECE_BYTES, and the next goes
 * on where it stopped. Strings are numbered in the order in which they are first used: what uses
 * them is looked through before it is written, so that their section stands before it.
 *
 * The loop over inputs is what counts: where each task's follow from those of the task before, as
 * in most graphs that a program made, it only compares.
 */
#include "config.h"

#include "graph/weft-graph-codec-private.h"
#include "graph/weft-graph-private.h"

#include <string.h>

#define PIECE_BYTES (64u << 10)
#define BLOCK_TASKS 16384
#define BLOCK_EDGES 65536

/* After so many that are alike the next are looked at in strides, until a run ends in one. */
#define STEADY 8u
#define STRIDE 32u

typedef enum
{
  STAGE_CALLS,
  STAGE_PATTERNS,
  STAGE_ATTRIBUTES,
  STAGE_IMPORTS,
  STAGE_TASKS,
  STAGE_WANTED,
  STAGE_DONE,
} Stage;

typedef struct
{
  uint8_t *bytes;
  size_t n, room;
} Out;

struct _WeftGraphEncoder
{
  WeftGraph *graph;
  const WeftGraphArrays *arrays;
  Out out;
  Stage stage;
  uint32_t at;                /* in the stage */
  GHashTable *string_numbers; /* string id + 1 → number + 1 */
  GArray *new_strings;        /* string ids not yet written */
};

/* ---- bytes ----------------------------------------------------------------------------------- */

static void
make_room (Out *out, size_t n)
{
  if (WEFT_LIKELY (out->room - out->n >= n))
    return;
  out->room = MAX (2 * out->room, out->n + n);
  out->bytes = g_realloc (out->bytes, out->room);
}

/* Without a look at the room. Returns: behind it */
static inline uint8_t *
write_varint (uint8_t *at, uint64_t x)
{
  while (WEFT_UNLIKELY (x >= 0x80))
    {
      *at++ = (uint8_t) (x | 0x80);
      x >>= 7;
    }
  *at++ = (uint8_t) x;
  return at;
}

static inline void
store_varint (Out *out, uint64_t x)
{
  out->n = (size_t) (write_varint (out->bytes + out->n, x) - out->bytes);
}

static void
put_varint (Out *out, uint64_t x)
{
  make_room (out, WEFT_VARINT_MAX_BYTES);
  store_varint (out, x);
}

static void
put_bytes (Out *out, const void *bytes, size_t n)
{
  if (n == 0)
    return;
  make_room (out, n);
  memcpy (out->bytes + out->n, bytes, n);
  out->n += n;
}

static void
put_u8 (Out *out, uint8_t x)
{
  put_bytes (out, &x, 1);
}

static void
put_text (Out *out, const char *text, size_t n)
{
  put_varint (out, n);
  put_bytes (out, text, n);
}

/* Length + 1, or 0 for none. */
static void
put_optional (Out *out, const char *text)
{
  put_varint (out, text != NULL ? strlen (text) + 1 : 0);
  if (text != NULL)
    put_bytes (out, text, strlen (text));
}

static size_t
begin_section (Out *out, uint32_t kind)
{
  size_t start = out->n;
  uint32_t head[2] = { kind, 0 };

  put_bytes (out, head, sizeof head);
  return start;
}

static void
end_section (Out *out, size_t start)
{
  uint32_t n_bytes = (uint32_t) (out->n - start - WEFT_SECTION_HEAD_BYTES);

  memcpy (out->bytes + start + 4, &n_bytes, sizeof n_bytes);
}

/* Whether each of STRIDE values is @step above the one @lag before it. No way out of the loop, so
 * that it is done for several values at a time. */
static inline bool
is_steady (const uint32_t *values, uint32_t lag, uint32_t step)
{
  uint32_t unequal = 0;

  for (uint32_t i = 0; i < STRIDE; i++)
    unequal |= (values[i + lag] - values[i]) ^ step;
  return unequal == 0;
}

/* How many of the n values from the first on are equal to it. Two at a time before and behind the
 * strides. */
static inline uint32_t
run_length (const uint32_t *values, uint32_t n)
{
  uint64_t two = (uint64_t) values[0] << 32 | values[0], next;
  uint32_t run = 1;
  bool strides = true;

  while (run + 2 <= n)
    {
      if (strides && run >= STEADY && n - run >= STRIDE)
        {
          strides = is_steady (values + run - 1, 1, 0);
          run += strides ? STRIDE : 0;
          continue;
        }
      memcpy (&next, values + run, sizeof next);
      if (next != two)
        break;
      run += 2;
    }
  return run + (run < n && values[run] == values[0]);
}

/* ---- strings --------------------------------------------------------------------------------- */

/* Numbers the string if it is new. */
static void
mention (WeftGraphEncoder *encoder, uint32_t string_id)
{
  void *key = GSIZE_TO_POINTER ((gsize) string_id + 1);

  if (string_id == WEFT_NONE || g_hash_table_contains (encoder->string_numbers, key))
    return;
  g_hash_table_insert (encoder->string_numbers, key,
                       GSIZE_TO_POINTER ((gsize) g_hash_table_size (encoder->string_numbers) + 1));
  g_array_append_val (encoder->new_strings, string_id);
}

/* The string's number + 1, or 0 for WEFT_NONE. */
static uint64_t
string_number (WeftGraphEncoder *encoder, uint32_t string_id)
{
  void *key = GSIZE_TO_POINTER ((gsize) string_id + 1);

  return string_id == WEFT_NONE
             ? 0
             : GPOINTER_TO_SIZE (g_hash_table_lookup (encoder->string_numbers, key));
}

static void
encode_new_strings (WeftGraphEncoder *encoder)
{
  Out *out = &encoder->out;
  size_t start;

  if (encoder->new_strings->len == 0)
    return;
  start = begin_section (out, WEFT_SECTION_STRINGS);
  put_varint (out, encoder->new_strings->len);
  for (guint i = 0; i < encoder->new_strings->len; i++)
    {
      const char *string =
          weft_graph_string (encoder->graph, g_array_index (encoder->new_strings, uint32_t, i));

      put_text (out, string, strlen (string));
    }
  end_section (out, start);
  g_array_set_size (encoder->new_strings, 0);
}

/* ---- summary --------------------------------------------------------------------------------- */

static void
encode_summary (WeftGraphEncoder *encoder)
{
  const WeftGraphArrays *a = encoder->arrays;
  g_autofree uint32_t *sizes = g_new0 (uint32_t, a->n_groups + 1);
  Out *out = &encoder->out;
  size_t start = begin_section (out, WEFT_SECTION_SUMMARY);
  const char *name;

  for (uint32_t t = 0, run; t < a->n_tasks; t += run)
    {
      run = run_length (a->group_of_task + t, a->n_tasks - t);
      sizes[a->group_of_task[t]] += run;
    }
  put_varint (out, a->n_tasks);
  put_varint (out, a->n_imports);
  put_varint (out, a->n_edges);
  name = weft_graph_name (encoder->graph);
  put_text (out, name, strlen (name));
  put_optional (out, weft_graph_metadata (encoder->graph));
  put_varint (out, a->n_groups);
  for (uint32_t g = 0; g < a->n_groups; g++)
    {
      name = weft_graph_group_name (encoder->graph, g);
      put_text (out, name, strlen (name));
      put_varint (out, sizes[g]);
    }
  end_section (out, start);
}

/* ---- calls ----------------------------------------------------------------------------------- */

/* @next_slot: the input after the last that stood in the call */
static void
encode_arg (Out *out, const WeftGraphArrays *a, const WeftArg *arg, uint32_t *next_slot)
{
  if (arg->kind == WEFT_ARG_SLOT && arg->u.slot.first == *next_slot)
    {
      put_u8 (out, WEFT_ARG_NEXT_SLOT);
      ++*next_slot;
      return;
    }
  put_u8 (out, arg->kind);
  switch ((WeftArgKind) arg->kind)
    {
    case WEFT_ARG_NONE:
    case WEFT_ARG_TAGGED:
      break;
    case WEFT_ARG_BOOL:
      put_u8 (out, arg->u.b);
      break;
    case WEFT_ARG_INT64:
      put_varint (out, _weft_zigzag (arg->u.i));
      break;
    case WEFT_ARG_FLOAT64:
      put_bytes (out, &arg->u.f, sizeof arg->u.f);
      break;
    case WEFT_ARG_STRING:
    case WEFT_ARG_BYTES:
    case WEFT_ARG_ENCODED:
      put_text (out, a->text + arg->u.offset, arg->count);
      break;
    case WEFT_ARG_SLOT:
      put_varint (out, arg->u.slot.first);
      *next_slot = arg->u.slot.first + 1;
      break;
    case WEFT_ARG_SLOTS:
      put_varint (out, arg->u.slot.first);
      put_varint (out, arg->count);
      break;
    case WEFT_ARG_LIST:
    case WEFT_ARG_RECORD:
    case WEFT_ARG_MAP:
    case WEFT_ARG_CONSTANT:
      put_varint (out, arg->count);
      break;
    }
}

/* n subtrees. Their nodes are in preorder, so the form follows the array. */
static void
encode_args (Out *out, const WeftGraphArrays *a, uint32_t first, uint32_t n, uint32_t *next_slot)
{
  uint32_t end = first;

  for (uint32_t i = 0; i < n; i++)
    end += a->args[end].skip;
  for (uint32_t node = first; node < end; node++)
    encode_arg (out, a, &a->args[node], next_slot);
}

static void
encode_call (WeftGraphEncoder *encoder, uint32_t number)
{
  const WeftGraphArrays *a = encoder->arrays;
  const WeftCall *call = &a->calls[number];
  Out *out = &encoder->out;
  uint32_t next_slot = 0;

  put_optional (out, call->op != 0 ? a->text + call->op : NULL);
  put_varint (out, call->op_version);
  put_varint (out, call->n_outputs);
  put_varint (out, a->call_locations != NULL ? a->call_locations[number].line : 0);
  put_varint (out, a->call_locations != NULL ? a->call_locations[number].column : 0);
  put_varint (out, call->n_args);
  put_varint (out, call->n_kwargs);
  encode_args (out, a, call->args, call->n_args, &next_slot);
  encode_args (out, a, call->kwargs, 2 * call->n_kwargs, &next_slot);
}

/* ---- patterns, attributes, imports, wanted --------------------------------------------------- */

static void
encode_pattern (WeftGraphEncoder *encoder, uint32_t number)
{
  Out *out = &encoder->out;
  WeftKeyParts parts;

  _weft_key_parts (&encoder->graph->content->patterns, number, 0, &parts);
  put_u8 (out, parts.width);
  put_text (out, parts.prefix, parts.n_prefix);
  put_text (out, parts.suffix, parts.n_suffix);
}

static void
mention_attributes (WeftGraphEncoder *encoder, uint32_t number)
{
  const WeftTaskAttributes *attributes = &encoder->arrays->attributes[number];

  mention (encoder, attributes->label);
  for (uint32_t i = 0; i < attributes->n_resources; i++)
    mention (encoder, attributes->resources[i].name);
}

static void
encode_attributes (WeftGraphEncoder *encoder, uint32_t number)
{
  const WeftTaskAttributes *attributes = &encoder->arrays->attributes[number];
  Out *out = &encoder->out;

  put_varint (out, _weft_zigzag (attributes->priority));
  put_varint (out, attributes->retries);
  put_varint (out, _weft_zigzag (attributes->retry_delay_ns));
  put_varint (out, _weft_zigzag (attributes->timeout_ns));
  put_varint (out, string_number (encoder, attributes->label));
  put_varint (out, attributes->n_resources);
  for (uint32_t i = 0; i < attributes->n_resources; i++)
    {
      put_varint (out, string_number (encoder, attributes->resources[i].name));
      put_bytes (out, &attributes->resources[i].amount, sizeof (double));
    }
  put_optional (out, attributes->metadata);
}

static void
mention_import (WeftGraphEncoder *encoder, uint32_t number)
{
  const WeftImport *import = &encoder->arrays->imports[number];

  if (import->kind == WEFT_IMPORT_KEY)
    mention (encoder, import->key);
}

static void
encode_import (WeftGraphEncoder *encoder, uint32_t number)
{
  const WeftImport *import = &encoder->arrays->imports[number];
  Out *out = &encoder->out;

  put_u8 (out, (uint8_t) import->kind);
  if (import->kind == WEFT_IMPORT_KEY)
    put_varint (out, string_number (encoder, import->key));
  if (import->kind == WEFT_IMPORT_TASK)
    {
      put_varint (out, import->segment);
      put_varint (out, import->task);
    }
  if (import->kind != WEFT_IMPORT_VALUE)
    put_varint (out, import->output);
}

static void
encode_wanted (WeftGraphEncoder *encoder, uint32_t number)
{
  const WeftTaskOutput *wanted = &encoder->arrays->wanted[number];

  put_varint (&encoder->out, wanted->task);
  put_varint (&encoder->out, wanted->output);
}

/* A list of n things from encoder->at on, as a section of as many as fit into the piece. */
static void
encode_list (WeftGraphEncoder *encoder, WeftSectionKind kind, uint32_t n,
             void (*mention_one) (WeftGraphEncoder *encoder, uint32_t number),
             void (*encode_one) (WeftGraphEncoder *encoder, uint32_t number))
{
  Out *out = &encoder->out;
  uint32_t first = encoder->at, end = MIN (n, first + BLOCK_TASKS), count = 0;
  size_t start;

  if (first < end)
    {
      for (uint32_t i = first; mention_one != NULL && i < end; i++)
        mention_one (encoder, i);
      encode_new_strings (encoder);
      start = begin_section (out, kind);
      put_varint (out, first);
      /* how many is not known yet: five bytes, the last of which ends the number */
      size_t count_at = out->n;
      put_bytes (out, "\x80\x80\x80\x80\0", 5);
      for (; first + count < end && (count == 0 || out->n < PIECE_BYTES); count++)
        encode_one (encoder, first + count);
      for (int i = 0; i < 5; i++)
        out->bytes[count_at + (size_t) i] |= (uint8_t) (count >> (7 * i) & 0x7f);
      end_section (out, start);
    }
  encoder->at += count;
  if (encoder->at == n)
    {
      encoder->stage++;
      encoder->at = 0;
    }
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/* Runs of equal values: length, value + add. */
static void
encode_runs (Out *out, const uint32_t *values, uint32_t n, uint32_t add)
{
  for (uint32_t i = 0, run; i < n; i += run)
    {
      run = run_length (values + i, n - i);
      make_room (out, 2 * WEFT_VARINT_MAX_BYTES);
      store_varint (out, run);
      store_varint (out, (uint32_t) (values[i] + add));
    }
}

/* Runs of equal steps of pattern and number: length, step of the pattern, step of the number. */
static void
encode_keys (Out *out, const uint32_t *patterns, const uint32_t *numbers, uint32_t n)
{
  uint32_t pattern = 0, number = 0;

  for (uint32_t i = 0, run; i < n; i += run)
    {
      uint32_t pattern_step = patterns[i] - pattern, number_step = numbers[i] - number;
      bool strides = true;

      run = 1;
      while (i + run < n && patterns[i + run] - patterns[i + run - 1] == pattern_step
             && numbers[i + run] - numbers[i + run - 1] == number_step)
        if (strides && run >= STEADY && n - i - run >= STRIDE)
          {
            strides = is_steady (patterns + i + run - 1, 1, pattern_step)
                      && is_steady (numbers + i + run - 1, 1, number_step);
            run += strides ? STRIDE : 1;
          }
        else
          run++;
      pattern = patterns[i + run - 1];
      number = numbers[i + run - 1];
      make_room (out, 3 * WEFT_VARINT_MAX_BYTES);
      store_varint (out, run);
      store_varint (out, _weft_zigzag ((int32_t) pattern_step));
      store_varint (out, _weft_zigzag ((int32_t) number_step));
    }
}

static void
encode_keys_of (Out *out, const WeftKeys *keys, uint32_t first, uint32_t n)
{
  g_autofree uint32_t *copy = NULL;

  if (keys->packed == NULL)
    {
      encode_keys (out, keys->patterns + first, keys->numbers + first, n);
      return;
    }
  copy = g_new (uint32_t, 2 * (size_t) n);
  _weft_keys_copy (keys, first, n, copy, copy + n);
  encode_keys (out, copy, copy + n, n);
}

/* One task's inputs, each by its distance or as an import; there is room for them. */
static inline uint8_t *
write_inputs (uint8_t *at, const uint32_t *inputs, const uint16_t *outputs, uint32_t n,
              uint32_t task, uint32_t n_tasks)
{
  at = write_varint (at, n);
  for (uint32_t i = 0; i < n; i++)
    {
      if (WEFT_LIKELY (inputs[i] < n_tasks))
        at = write_varint (at, task - inputs[i]);
      else
        at = write_varint (write_varint (at, 0), inputs[i] - n_tasks);
      if (WEFT_UNLIKELY (outputs != NULL))
        at = write_varint (at, outputs[i]);
    }
  return at;
}

static void
encode_inputs (Out *out, const WeftGraphArrays *a, uint32_t first, uint32_t n)
{
  const uint32_t *offsets = a->input_offsets, *inputs = a->input_tasks;
  const uint16_t *outputs = a->input_outputs;
  uint32_t n_tasks = a->n_tasks, from = offsets[first], to;

  for (uint32_t task = first; task < first + n; task++, from = to)
    {
      to = offsets[task + 1];
      make_room (out, ((size_t) (to - from) * 3 + 1) * WEFT_VARINT_MAX_BYTES);
      out->n =
          (size_t) (write_inputs (out->bytes + out->n, inputs + from,
                                  outputs != NULL ? outputs + from : NULL, to - from, task, n_tasks)
                    - out->bytes);
    }
}

/* Whether all inputs of the block are the only outputs of tasks: then they can be written by how
 * they follow from each other. */
static bool
has_regular_inputs (const WeftGraphArrays *a, uint32_t first, uint32_t n)
{
  uint32_t above = 0;

  if (a->input_outputs != NULL)
    return false;
  for (uint32_t i = a->input_offsets[first]; a->n_imports > 0 && i < a->input_offsets[first + n];
       i++)
    above |= a->input_tasks[i] >= a->n_tasks;
  return above == 0;
}

/* By how much each input of the next task, which has as many, is above this one's. FALSE: it is not
 * the same for all. */
static inline bool
find_step (const uint32_t *inputs, uint32_t n, uint32_t *step)
{
  uint32_t unequal = 0;

  *step = n > 0 ? inputs[n] - inputs[0] : 0;
  for (uint32_t i = 1; i < n; i++)
    unequal |= (inputs[n + i] - inputs[i]) ^ *step;
  return unequal == 0;
}

/* The first by its distance, the others by how they follow on the one before. */
static inline uint8_t *
write_first (uint8_t *at, const uint32_t *inputs, uint32_t n, uint32_t task, uint32_t step)
{
  at = write_varint (at, (uint64_t) n + 1);
  if (n == 0)
    return at;
  at = write_varint (at, _weft_zigzag ((int32_t) step));
  at = write_varint (at, task - inputs[0]);
  for (uint32_t i = 1; i < n; i++)
    at = write_varint (at, _weft_zigzag ((int32_t) (inputs[i] - inputs[i - 1] - 1)));
  return at;
}

/* Whether the inputs of the next STRIDE tasks follow from those of the task before @task in the
 * same way, too. */
static inline bool
goes_on (const WeftGraphArrays *a, uint32_t task, uint32_t n_inputs, uint32_t step)
{
  const uint32_t *inputs = a->input_tasks + a->input_offsets[task - 1];
  bool steady = is_steady (a->input_offsets + task, 1, n_inputs);

  for (uint32_t i = 0; i < n_inputs && steady; i++)
    steady = is_steady (inputs + i * STRIDE, n_inputs, step);
  return steady;
}

/* How many tasks before @end, @task the first of them, have inputs that follow from those of the
 * one before by the same @step: (out). */
static uint32_t
regular_run (const WeftGraphArrays *a, uint32_t task, uint32_t end, uint32_t n_inputs,
             uint32_t *step)
{
  const uint32_t *offsets = a->input_offsets, *inputs = a->input_tasks + offsets[task];
  uint32_t run = 1, more;
  bool strides = true;

  *step = 0;
  if (n_inputs > WEFT_REGULAR_MOST)
    return 1;
  while (task + run < end && offsets[task + run + 1] - offsets[task + run] == n_inputs
         && find_step (inputs + (run - 1) * n_inputs, n_inputs, &more)
         && (run == 1 || more == *step))
    {
      *step = more;
      if (strides && run >= STEADY && end - task - run >= STRIDE)
        {
          strides = goes_on (a, task + run, n_inputs, more);
          run += strides ? STRIDE : 1;
        }
      else
        run++;
    }
  return run;
}

/* Runs of tasks whose inputs follow from those of the task before. */
static void
encode_regular (Out *out, const WeftGraphArrays *a, uint32_t first, uint32_t n)
{
  const uint32_t *offsets = a->input_offsets, *inputs = a->input_tasks;
  uint32_t end = first + n;

  for (uint32_t task = first, run; task < end; task += run)
    {
      uint32_t from = offsets[task], n_inputs = offsets[task + 1] - from, step;

      run = regular_run (a, task, end, n_inputs, &step);
      make_room (out, ((size_t) n_inputs + 2) * WEFT_VARINT_MAX_BYTES + run);
      uint8_t *at = write_first (out->bytes + out->n, inputs + from, n_inputs, task, step);
      memset (at, 0, run - 1);
      out->n = (size_t) (at + (run - 1) - out->bytes);
    }
}

static void
encode_afters (Out *out, const WeftGraphArrays *a, uint32_t first, uint32_t n)
{
  for (uint32_t task = first; task < first + n; task++)
    {
      uint32_t from = a->after_offsets[task], to = a->after_offsets[task + 1];

      make_room (out, ((size_t) (to - from) + 1) * WEFT_VARINT_MAX_BYTES);
      store_varint (out, to - from);
      for (uint32_t i = from; i < to; i++)
        store_varint (out, task - a->after_tasks[i]);
    }
}

static void
encode_units (Out *out, const uint8_t *flags, uint32_t n)
{
  for (uint32_t i = 0, run; i < n; i += run)
    {
      run = 1;
      while (i + run < n && flags[i + run] == flags[i])
        run++;
      put_varint (out, run);
      put_varint (out, flags[i]);
    }
}

static void
encode_hints (WeftGraphEncoder *encoder, uint32_t first, uint32_t n)
{
  const WeftGraphArrays *a = encoder->arrays;
  const WeftGraphHints *hints = &a->hints;
  Out *out = &encoder->out;

  for (uint32_t task = first; hints->runtime_ns != NULL && task < first + n; task++)
    put_varint (out, (uint64_t) hints->runtime_ns[task] + 1);
  if (hints->output_bytes != NULL)
    for (uint32_t slot = weft_graph_output_slot (a, first, 0),
                  end = a->output_offsets == NULL ? first + n : a->output_offsets[first + n];
         slot < end; slot++)
      put_varint (out, hints->output_bytes[slot] + 1);
  if (hints->machine == NULL)
    return;
  for (uint32_t i = first, run; i < first + n; i += run)
    {
      run = run_length (hints->machine + i, first + n - i);
      put_varint (out, run);
      put_varint (out, string_number (encoder, hints->machine[i]));
    }
}

static uint8_t
columns_of (const WeftGraphArrays *a)
{
  return (uint8_t) ((a->input_outputs != NULL ? WEFT_COLUMN_INPUT_OUTPUTS : 0)
                    | (a->after_offsets != NULL ? WEFT_COLUMN_AFTERS : 0)
                    | (a->attributes_of_task != NULL ? WEFT_COLUMN_ATTRIBUTES : 0)
                    | (a->unit_flags != NULL ? WEFT_COLUMN_UNITS : 0)
                    | (a->hints.runtime_ns != NULL ? WEFT_COLUMN_RUNTIME : 0)
                    | (a->hints.output_bytes != NULL ? WEFT_COLUMN_OUTPUT_BYTES : 0)
                    | (a->hints.machine != NULL ? WEFT_COLUMN_MACHINE : 0));
}

/* How many tasks from @first on make a block. */
static uint32_t
block_length (const WeftGraphArrays *a, uint32_t first)
{
  uint32_t n = MIN (BLOCK_TASKS, a->n_tasks - first);

  while (n > 1 && a->input_offsets[first + n] - a->input_offsets[first] > BLOCK_EDGES)
    n = n / 2;
  return n;
}

static void
encode_block (WeftGraphEncoder *encoder, uint32_t first, uint32_t n)
{
  const WeftGraphArrays *a = encoder->arrays;
  Out *out = &encoder->out;
  bool regular = has_regular_inputs (a, first, n);
  size_t start;

  for (uint32_t task = first; a->hints.machine != NULL && task < first + n; task++)
    mention (encoder, a->hints.machine[task]);
  encode_new_strings (encoder);
  start = begin_section (out, WEFT_SECTION_TASKS);
  put_varint (out, first);
  put_varint (out, n);
  put_u8 (out, columns_of (a) | (regular ? WEFT_COLUMN_REGULAR : 0));
  encode_runs (out, a->call_of_task + first, n, 0);
  encode_runs (out, a->group_of_task + first, n, 0);
  encode_keys_of (out, &encoder->graph->keys, first, n);
  if (regular)
    encode_regular (out, a, first, n);
  else
    encode_inputs (out, a, first, n);
  if (a->after_offsets != NULL)
    encode_afters (out, a, first, n);
  if (a->attributes_of_task != NULL)
    encode_runs (out, a->attributes_of_task + first, n, 1);
  if (a->unit_flags != NULL)
    encode_units (out, a->unit_flags + first, n);
  encode_hints (encoder, first, n);
  end_section (out, start);
}

static void
encode_tasks (WeftGraphEncoder *encoder, uint32_t *first_task, uint32_t *n_tasks)
{
  uint32_t first = encoder->at, n;

  *first_task = first;
  while (encoder->at < encoder->arrays->n_tasks && encoder->out.n < PIECE_BYTES)
    {
      n = block_length (encoder->arrays, encoder->at);
      encode_block (encoder, encoder->at, n);
      encoder->at += n;
    }
  *n_tasks = encoder->at - first;
  if (encoder->at == encoder->arrays->n_tasks)
    {
      encoder->stage++;
      encoder->at = 0;
    }
}

/* ---- pieces ---------------------------------------------------------------------------------- */

/* Something of the present stage. */
static void
encode_some (WeftGraphEncoder *encoder, uint32_t *first_task, uint32_t *n_tasks)
{
  const WeftGraphArrays *a = encoder->arrays;
  const WeftGraphContent *content = encoder->graph->content;

  switch (encoder->stage)
    {
    case STAGE_CALLS:
      encode_list (encoder, WEFT_SECTION_CALLS, a->n_calls, NULL, encode_call);
      break;
    case STAGE_PATTERNS:
      encode_list (encoder, WEFT_SECTION_PATTERNS, content->patterns.n, NULL, encode_pattern);
      break;
    case STAGE_ATTRIBUTES:
      encode_list (encoder, WEFT_SECTION_ATTRIBUTES, content->n_attributes, mention_attributes,
                   encode_attributes);
      break;
    case STAGE_IMPORTS:
      encode_list (encoder, WEFT_SECTION_IMPORTS, a->n_imports, mention_import, encode_import);
      break;
    case STAGE_TASKS:
      encode_tasks (encoder, first_task, n_tasks);
      break;
    case STAGE_WANTED:
      encode_list (encoder, WEFT_SECTION_WANTED, a->n_wanted, NULL, encode_wanted);
      break;
    case STAGE_DONE:
      break;
    }
}

static void
begin_anew (WeftGraphEncoder *encoder)
{
  encoder->stage = STAGE_CALLS;
  encoder->at = 0;
  g_hash_table_remove_all (encoder->string_numbers);
  g_array_set_size (encoder->new_strings, 0);
}

bool
weft_graph_encoder_next (WeftGraphEncoder *encoder, uint32_t number, GByteArray *piece,
                         uint32_t *first_task, uint32_t *n_tasks)
{
  *first_task = *n_tasks = 0;
  encoder->out.n = 0;
  if (number == 0)
    {
      begin_anew (encoder);
      encode_summary (encoder);
      *n_tasks = encoder->arrays->n_tasks;
    }
  else
    while (encoder->stage < STAGE_DONE && encoder->out.n < PIECE_BYTES)
      encode_some (encoder, first_task, n_tasks);
  g_byte_array_append (piece, encoder->out.bytes, (guint) encoder->out.n);
  return encoder->stage < STAGE_DONE;
}

WeftGraphEncoder *
weft_graph_encoder_new (WeftGraph *graph)
{
  WeftGraphEncoder *encoder = g_new0 (WeftGraphEncoder, 1);

  encoder->graph = weft_graph_ref (graph);
  encoder->arrays = weft_graph_arrays (graph);
  encoder->string_numbers = g_hash_table_new (NULL, NULL);
  encoder->new_strings = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  return encoder;
}

void
weft_graph_encoder_free (WeftGraphEncoder *encoder)
{
  if (encoder == NULL)
    return;
  weft_graph_unref (encoder->graph);
  g_hash_table_unref (encoder->string_numbers);
  g_array_unref (encoder->new_strings);
  g_free (encoder->out.bytes);
  g_free (encoder);
}
