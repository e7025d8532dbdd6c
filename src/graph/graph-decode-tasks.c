/* graph-decode-tasks.c: tasks of a graph segment’s bytes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A section of tasks is decoded column by column. After a column that was found wrong no other is
 * looked at, so that what is in them can be trusted.
 */
#include "config.h"

#include "graph/weft-builder-private.h"
#include "graph/weft-graph-decode-private.h"

#include <string.h>

#define COLUMNS_HINTS (WEFT_COLUMN_RUNTIME | WEFT_COLUMN_OUTPUT_BYTES | WEFT_COLUMN_MACHINE)

/* A block of tasks, column by column. */
typedef struct
{
  uint32_t first, n;
  uint8_t columns;
  uint32_t *calls, *groups, *patterns, *numbers;
  GArray *inputs; /* WeftTaskOutput, of one task */
  uint32_t step;  /* from them to those of the next */
} Block;

static void
block_clear (Block *block)
{
  g_free (block->calls);
  g_free (block->groups);
  g_free (block->patterns);
  g_free (block->numbers);
  g_array_unref (block->inputs);
}

static uint32_t
take_run (WeftIn *in, uint32_t at, uint32_t n)
{
  uint32_t run = _weft_in_u32 (in);

  if (run == 0 || run > n - at)
    in->failed = true;
  return in->failed ? 0 : run;
}

/* Runs of values below the limit. (transfer full) */
static uint32_t *
decode_runs (WeftIn *in, uint32_t n, uint32_t limit)
{
  uint32_t *values = g_new0 (uint32_t, n);

  for (uint32_t i = 0; i < n && !in->failed;)
    {
      uint32_t run = take_run (in, i, n);
      uint32_t value = _weft_in_u32 (in);

      if (value >= limit)
        in->failed = true;
      for (; run > 0 && !in->failed; run--)
        values[i++] = value;
    }
  return values;
}

static void
decode_keys (WeftGraphDecoder *decoder, WeftIn *in, Block *block)
{
  uint32_t pattern = 0, number = 0;

  block->patterns = g_new0 (uint32_t, block->n);
  block->numbers = g_new0 (uint32_t, block->n);
  for (uint32_t i = 0; i < block->n && !in->failed;)
    {
      uint32_t run = take_run (in, i, block->n);
      uint32_t pattern_step = (uint32_t) _weft_unzigzag (_weft_in_varint (in));
      uint32_t number_step = (uint32_t) _weft_unzigzag (_weft_in_varint (in));

      for (; run > 0 && !in->failed; run--, i++)
        {
          pattern += pattern_step;
          number += number_step;
          if (pattern >= decoder->patterns->len)
            in->failed = true;
          block->patterns[i] = pattern;
          block->numbers[i] = number;
        }
    }
}

static void
decode_inputs (WeftGraphDecoder *decoder, WeftIn *in, const Block *block, uint32_t task)
{
  uint32_t n = _weft_in_count (in);

  g_array_set_size (block->inputs, 0);
  for (uint32_t i = 0; i < n && !in->failed; i++)
    {
      WeftTaskOutput input = { 0 };
      uint32_t distance = _weft_in_u32 (in);
      uint32_t import = distance == 0 ? _weft_in_u32 (in) : 0;

      if (block->columns & WEFT_COLUMN_INPUT_OUTPUTS)
        input.output = _weft_in_u32 (in);
      if (distance > task || (distance == 0 && import >= decoder->imports->len))
        in->failed = true;
      if (in->failed)
        return;
      input.task =
          distance > 0 ? task - distance : g_array_index (decoder->imports, uint32_t, import);
      g_array_append_val (block->inputs, input);
    }
}

/* The inputs are in the order of their ids more often than not: each follows on the one before. */
static void
decode_first (WeftIn *in, Block *block, uint32_t task, uint64_t n)
{
  uint32_t before = 0;

  g_array_set_size (block->inputs, 0);
  if (n > _weft_in_left (in))
    in->failed = true;
  block->step = n > 0 ? (uint32_t) _weft_unzigzag (_weft_in_varint (in)) : 0;
  for (uint64_t i = 0; i < n && !in->failed; i++)
    {
      uint32_t input = i == 0 ? task - _weft_in_u32 (in)
                              : before + 1 + (uint32_t) _weft_unzigzag (_weft_in_varint (in));

      if (input >= task)
        in->failed = true;
      g_array_append_val (block->inputs, ((WeftTaskOutput){ .task = input }));
      before = input;
    }
}

static void
decode_regular (WeftIn *in, Block *block, uint32_t task)
{
  uint64_t code = _weft_in_varint (in);

  if (code > 0)
    {
      decode_first (in, block, task, code - 1);
      return;
    }
  if (task == block->first || block->inputs->len > WEFT_REGULAR_MOST)
    in->failed = true;
  for (guint i = 0; i < block->inputs->len && !in->failed; i++)
    {
      WeftTaskOutput *input = &g_array_index (block->inputs, WeftTaskOutput, i);

      input->task += block->step;
      if (input->task >= task)
        in->failed = true;
    }
}

/* A key that is none of those a builder makes of a pattern: it is written, and split again. */
static uint32_t
add_written (WeftGraphDecoder *decoder, const Block *block, uint32_t i, uint32_t call)
{
  const KnownPattern *known = decoder->patterns->pdata[block->patterns[i]];
  WeftKeyParts parts = known->parts;
  size_t n;

  parts.number = block->numbers[i];
  n = _weft_key_format (&parts, (char *) decoder->key->data, decoder->key->len);
  if (n >= decoder->key->len)
    {
      g_byte_array_set_size (decoder->key, (guint) n + 1);
      _weft_key_format (&parts, (char *) decoder->key->data, n + 1);
    }
  return weft_graph_builder_add_task (
      decoder->builder, (const char *) decoder->key->data, (gssize) n, call,
      (const WeftTaskOutput *) (void *) block->inputs->data, block->inputs->len);
}

static bool
add_task (WeftGraphDecoder *decoder, const Block *block, uint32_t i)
{
  const KnownPattern *known = decoder->patterns->pdata[block->patterns[i]];
  uint32_t call = g_array_index (decoder->calls, KnownCall, block->calls[i]).call;
  uint32_t task;

  if (WEFT_LIKELY (known->builder != WEFT_NONE))
    task = weft_graph_builder_add_numbered (
        decoder->builder, known->builder, block->numbers[i], call,
        (const WeftTaskOutput *) (void *) block->inputs->data, block->inputs->len);
  else
    task = add_written (decoder, block, i, call);
  if (task != block->first + i)
    return _weft_decode_fail (decoder, WEFT_GRAPH_ERROR_DUPLICATE, "task %u has the key of task %u",
                              block->first + i, task);
  _weft_graph_builder_set_group (decoder->builder, task,
                                 g_array_index (decoder->groups, uint32_t, block->groups[i]));
  return true;
}

static void
decode_afters (WeftGraphDecoder *decoder, WeftIn *in, const Block *block)
{
  for (uint32_t task = block->first; task < block->first + block->n && !in->failed; task++)
    {
      uint32_t n = _weft_in_count (in);

      for (uint32_t i = 0; i < n && !in->failed; i++)
        {
          uint32_t distance = _weft_in_u32 (in);

          if (distance == 0 || distance > task)
            in->failed = true;
          else
            weft_graph_builder_add_after (decoder->builder, task, task - distance);
        }
    }
}

static void
decode_task_attributes (WeftGraphDecoder *decoder, WeftIn *in, const Block *block)
{
  g_autofree uint32_t *numbers = decode_runs (in, block->n, decoder->attributes->len + 1);

  for (uint32_t i = 0; i < block->n && !in->failed; i++)
    if (numbers[i] != 0)
      weft_graph_builder_set_attributes (decoder->builder, block->first + i,
                                         decoder->attributes->pdata[numbers[i] - 1]);
}

static void
decode_units (WeftGraphDecoder *decoder, WeftIn *in, const Block *block)
{
  g_autofree uint32_t *flags = decode_runs (in, block->n, 256);

  for (uint32_t i = 0; i < block->n && !in->failed; i++)
    if (flags[i] & WEFT_UNIT_CONTINUES)
      weft_graph_builder_set_continues (decoder->builder, block->first + i);
}

static uint32_t
outputs_of (WeftGraphDecoder *decoder, const Block *block, uint32_t i)
{
  return g_array_index (decoder->calls, KnownCall, block->calls[i]).n_outputs;
}

static void
decode_hints (WeftGraphDecoder *decoder, WeftIn *in, const Block *block)
{
  g_autoptr (GArray) bytes = g_array_new (FALSE, FALSE, sizeof (uint64_t));
  g_autofree int64_t *runtimes = g_new (int64_t, block->n);
  g_autofree uint32_t *machines = NULL;
  size_t slot = 0;

  for (uint32_t i = 0; i < block->n; i++)
    runtimes[i] = block->columns & WEFT_COLUMN_RUNTIME ? (int64_t) (_weft_in_varint (in) - 1) : -1;
  for (uint32_t i = 0; (block->columns & WEFT_COLUMN_OUTPUT_BYTES) && i < block->n; i++)
    for (uint32_t k = 0; k < outputs_of (decoder, block, i) && !in->failed; k++)
      {
        uint64_t n_bytes = _weft_in_varint (in) - 1;

        g_array_append_val (bytes, n_bytes);
      }
  if (block->columns & WEFT_COLUMN_MACHINE)
    machines = decode_runs (in, block->n, decoder->strings->len + 1);
  for (uint32_t i = 0; i < block->n && !in->failed; i++)
    {
      uint32_t n_outputs = bytes->len > 0 ? outputs_of (decoder, block, i) : 0;
      uint32_t machine = machines != NULL ? machines[i] : 0;

      weft_graph_builder_set_hints (
          decoder->builder, block->first + i, runtimes[i],
          n_outputs > 0 ? &g_array_index (bytes, uint64_t, slot) : NULL, n_outputs,
          machine != 0
              ? weft_graph_builder_string (decoder->builder, decoder->strings->pdata[machine - 1])
              : WEFT_NONE);
      slot += n_outputs;
    }
}

static bool
decode_block (WeftGraphDecoder *decoder, WeftIn *in, Block *block)
{
  block->calls = decode_runs (in, block->n, decoder->calls->len);
  block->groups = decode_runs (in, block->n, decoder->groups->len);
  decode_keys (decoder, in, block);
  for (uint32_t i = 0; i < block->n && !in->failed; i++)
    {
      if (block->columns & WEFT_COLUMN_REGULAR)
        decode_regular (in, block, block->first + i);
      else
        decode_inputs (decoder, in, block, block->first + i);
      if (!in->failed && !add_task (decoder, block, i))
        return false;
    }
  if (!in->failed && (block->columns & WEFT_COLUMN_AFTERS))
    decode_afters (decoder, in, block);
  if (!in->failed && (block->columns & WEFT_COLUMN_ATTRIBUTES))
    decode_task_attributes (decoder, in, block);
  if (!in->failed && (block->columns & WEFT_COLUMN_UNITS))
    decode_units (decoder, in, block);
  if (!in->failed && (block->columns & COLUMNS_HINTS))
    decode_hints (decoder, in, block);
  decoder->n_tasks += block->n;
  return true;
}

bool
_weft_decode_tasks (WeftGraphDecoder *decoder, WeftIn *in)
{
  Block block = { 0 };
  bool ok;

  block.first = _weft_in_u32 (in);
  block.n = _weft_in_count (in);
  block.columns = _weft_in_u8 (in);
  if (in->failed)
    return true;
  if (block.first != decoder->n_tasks)
    return _weft_decode_fail (decoder, WEFT_GRAPH_ERROR_FORMAT, "found task %u, expected %u",
                              block.first, decoder->n_tasks);
  if ((block.columns & WEFT_COLUMN_REGULAR) && (block.columns & WEFT_COLUMN_INPUT_OUTPUTS))
    return _weft_decode_fail (decoder, WEFT_GRAPH_ERROR_FORMAT,
                              "found columns 0x%x, which exclude each other", block.columns);
  block.inputs = g_array_new (FALSE, FALSE, sizeof (WeftTaskOutput));
  ok = decode_block (decoder, in, &block);
  block_clear (&block);
  return ok;
}
